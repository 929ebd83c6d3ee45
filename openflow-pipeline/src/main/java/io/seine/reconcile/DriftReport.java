package io.seine.reconcile;

import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a comparison of the whole switch with what is wanted found, and what became of it.
 *
 * @param counts how many findings there are, of each kind, flows and groups together
 * @param findings the first {@link #LISTED} of each kind
 * @param repaired whether all that was found was put right
 */
public record DriftReport(
    Cause cause,
    Instant at,
    Duration took,
    Map<Kind, Integer> counts,
    List<Finding> findings,
    boolean repaired) {
  /** How many findings of a kind are listed; all are counted. */
  public static final int LISTED = 200;

  public DriftReport {
    counts = Map.copyOf(counts);
    findings = List.copyOf(findings);
  }

  /** Why the comparison was made. */
  public enum Cause {
    /** A switch was connected, or came back. */
    CONNECT,
    /** All facts are known now, so that what nobody wants can go. */
    INITIAL_SYNC,
    /** Before all facts are known, each change is made by comparing. */
    BEFORE_SYNC,
    /** Some owner's flows were refused before. */
    RETRY,
    AUDIT
  }

  public enum Kind {
    /** Wanted, and not in the switch. */
    MISSING,
    /** Wanted, and in the switch with another content or cookie. */
    ALTERED,
    /** In the switch, written by Seine, and wanted by nobody now. */
    STALE,
    /** In the switch, and not Seine's. */
    FOREIGN
  }

  /**
   * One difference.
   *
   * @param owner whose it is; empty for what nobody wants
   */
  public record Finding(Kind kind, Optional<Owner> owner, Item item) {
    /** One line: {@code missing pod/web/a: table=5, priority=200,ip,... actions=...}. */
    public String text() {
      String what = kind.name().toLowerCase(Locale.ROOT);
      String whose = owner.map(o -> " " + o).orElse("");
      return what + whose + ": " + text(item);
    }

    private static String text(Item item) {
      return switch (item) {
        case Item.OfFlow flow ->
            either(flow.wanted().map(OvsText::of), flow.actual().map(OvsText::of));
        case Item.OfGroup group ->
            either(group.wanted().map(OvsText::of), group.actual().map(OvsText::of));
      };
    }

    private static String either(Optional<String> wanted, Optional<String> actual) {
      if (wanted.isPresent() && actual.isPresent() && !wanted.equals(actual)) {
        return "%s; it is %s".formatted(wanted.get().strip(), actual.get().strip());
      }
      return wanted.or(() -> actual).map(String::strip).orElse("");
    }
  }

  /** What differs. */
  public sealed interface Item {
    /**
     * @param wanted and {@code actual}: the one that there is, or both
     * @param cookie of the actual one, else of the wanted one
     */
    record OfFlow(Optional<Flow> wanted, Optional<Flow> actual, long cookie) implements Item {}

    record OfGroup(Optional<Group> wanted, Optional<Group> actual) implements Item {}
  }

  /** All findings, one a line, and how many more there are. */
  public String text() {
    StringBuilder text = new StringBuilder();
    findings.forEach(f -> text.append(f.text()).append('\n'));
    int more = counts.values().stream().mapToInt(n -> n).sum() - findings.size();
    if (more > 0) {
      text.append("and %d more\n".formatted(more));
    }
    return text.toString();
  }

  public int count(Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** Whether the switch was as it should be. */
  public boolean clean() {
    return counts.values().stream().allMatch(n -> n == 0);
  }
}
