package io.seine.agent;

import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import io.seine.reconcile.DriftReport;
import java.util.Locale;
import java.util.Optional;

/** What an audit found, in one line for people. */
final class Findings {
  private Findings() {}

  static String line(DriftReport.Finding finding) {
    String kind = finding.kind().name().toLowerCase(Locale.ROOT);
    String owner = finding.owner().map(Owner::toString).orElse("nobody");
    return switch (finding.item()) {
      case DriftReport.Item.OfFlow item -> {
        Optional<Flow> flow = item.wanted().or(item::actual);
        yield "%s flow of %s: %s"
            .formatted(
                kind,
                owner,
                flow.map(f ->
                        "table=%d,priority=%d,%s"
                            .formatted(f.table(), f.priority(), OvsText.of(f.match())))
                    .orElse("?"));
      }
      case DriftReport.Item.OfGroup item -> {
        Optional<Group> group = item.wanted().or(item::actual);
        yield "%s group of %s: id=%s"
            .formatted(kind, owner, group.map(g -> Integer.toUnsignedString(g.id())).orElse("?"));
      }
    };
  }
}
