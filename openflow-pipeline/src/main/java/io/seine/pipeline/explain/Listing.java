package io.seine.pipeline.explain;

import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Explained flows as text for people: a heading for each table, for each flow a line with what it
 * is for and one with what it matches and does, and a line for each endpoint that it picks from.
 */
public final class Listing {
  private final boolean stats;
  private final Set<Owner> asked;

  /**
   * @param stats whether to say what each flow has matched, and its age
   * @param asked whom the reader asked for: their flows come with the endpoints of their groups.
   *     Where one of them is itself an endpoint, the others are only counted. Empty: endpoints are
   *     counted everywhere.
   */
  public Listing(boolean stats, Set<Owner> asked) {
    this.stats = stats;
    this.asked = Set.copyOf(asked);
  }

  /**
   * The lines, without line ends.
   *
   * @param flows in the order of the pipeline
   */
  public List<String> of(List<ExplainedFlow> flows) {
    List<String> lines = new ArrayList<>();
    int table = -1;
    for (ExplainedFlow flow : flows) {
      if (flow.tableNumber() != table) {
        table = flow.tableNumber();
        lines.add("");
        lines.add("%s (%d)".formatted(Words.table(table), table));
      }
      lines.add(
          "%5d  %s%s%s".formatted(flow.priority(), flow.intention(), fold(flow), stats(flow)));
      lines.add("         " + details(flow));
      flow.group().ifPresent(group -> endpoints(flow, group, lines));
    }
    return lines;
  }

  /** What it matches and does. The owner, whom the line above names, is "the pod" in it. */
  private static String details(ExplainedFlow flow) {
    String arrow = flow.actions().startsWith("→") ? " " : " ⇒ ";
    String text = flow.match() + arrow + flow.actions();
    Optional<Owner> only =
        flow.mentions().size() == 1 ? flow.mentions().stream().findFirst() : Optional.empty();
    return flow.owner()
        .or(() -> only)
        .filter(owner -> owner.kind() != Owner.Kind.BASE)
        .map(owner ->
            text.replaceAll(
                Pattern.quote(owner.toString()) + "(?![a-z0-9./-])",
                "the " + owner.kind().name().toLowerCase(Locale.ROOT)))
        .orElse(text);
  }

  private static String fold(ExplainedFlow flow) {
    return flow.count() == 1 ? "" : "  ( x%d )".formatted(flow.count());
  }

  private String stats(ExplainedFlow flow) {
    return stats
        ? "  [%s packets, %s bytes, %d s old]"
            .formatted(
                Long.toUnsignedString(flow.packets()),
                Long.toUnsignedString(flow.bytes()),
                flow.age().toSeconds())
        : "";
  }

  private void endpoints(ExplainedFlow flow, ExplainedGroup group, List<String> lines) {
    boolean all = flow.owner().filter(asked::contains).isPresent();
    int others = 0;
    for (ExplainedGroup.Endpoint endpoint : group.endpoints()) {
      if (all || endpoint.owner().filter(asked::contains).isPresent()) {
        lines.add("           %5s %%  %s".formatted(share(endpoint), endpoint.target()));
      } else {
        others++;
      }
    }
    if (!asked.isEmpty() && others > 0) {
      lines.add("           and %d other%s".formatted(others, others == 1 ? "" : "s"));
    }
  }

  private static String share(ExplainedGroup.Endpoint endpoint) {
    return String.format(Locale.ROOT, "%.1f", endpoint.share() * 100);
  }
}
