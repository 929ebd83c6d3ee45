package io.seine.cli.flows;

import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.explain.ExplainedGroup;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.explain.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The flows of one node that are to be shown, and what they are shown as.
 *
 * @param shown in the order of the pipeline, not folded
 * @param flows and {@code groups} how many the switch has
 */
record FlowsView(String node, List<ExplainedFlow> shown, int flows, int groups) {
  private static final String FOLDED =
      "; ( x2 ) stands for two flows that differ only in whom they are for, of which the first is"
          + " shown (--expand: all)";

  FlowsView {
    shown = List.copyOf(shown);
  }

  /**
   * The lines for people.
   *
   * @param asked who is asked for; then nothing is folded, as it is them that the reader wants
   */
  List<String> lines(boolean stats, boolean expand, Set<Owner> asked) {
    List<ExplainedFlow> listed = expand || !asked.isEmpty() ? shown : Explainer.fold(shown);
    List<String> lines = new ArrayList<>();
    lines.add(header(asked) + (listed.size() < shown.size() ? FOLDED : ""));
    lines.addAll(new Listing(stats, asked).of(listed));
    return lines;
  }

  private String header(Set<Owner> asked) {
    String who = asked.stream().map(Owner::toString).collect(Collectors.joining(" and "));
    return "%s: %s, %s%s"
        .formatted(
            node,
            count(shown.size(), flows, "flow"),
            count(shownGroups().size(), groups, "group"),
            who.isEmpty() ? "" : " concern " + who);
  }

  private static String count(int shown, int all, String what) {
    String plural = all == 1 ? what : what + "s";
    return shown == all ? all + " " + plural : shown + " of " + all + " " + plural;
  }

  /** As ovs-ofctl prints them, the groups that they use after them. */
  List<String> rawLines(boolean stats) {
    List<String> lines = new ArrayList<>();
    shown.forEach(flow -> lines.add(" " + raw(flow.raw(), stats)));
    shownGroups().forEach(group -> lines.add(" " + OvsText.of(group)));
    return lines;
  }

  private static String raw(InstalledFlow installed, boolean stats) {
    // Without statistics ovs-ofctl leaves table 0 out.
    return stats
        ? OvsText.of(installed)
        : "cookie=0x%x, %s"
            .formatted(
                installed.cookie(), OvsText.of(installed.flow()).replaceFirst("^table=0, ", ""));
  }

  private List<Group> shownGroups() {
    return shown.stream()
        .flatMap(flow -> flow.group().stream())
        .map(ExplainedGroup::raw)
        .distinct()
        .toList();
  }
}
