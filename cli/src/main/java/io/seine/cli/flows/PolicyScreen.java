package io.seine.cli.flows;

import io.seine.cli.Table;
import io.seine.cli.flows.PolicyView.Peer;
import io.seine.cli.flows.PolicyView.Rule;
import io.seine.pipeline.policy.Direction;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link PolicyView} as text for people, and as an object for programs. */
final class PolicyScreen {
  private static final String INDENT = "    ";

  private final List<String> lines = new ArrayList<>();

  private PolicyScreen() {}

  /** The lines, without line ends. */
  static List<String> lines(PolicyView view) {
    PolicyScreen screen = new PolicyScreen();
    screen.view(view);
    return screen.lines;
  }

  private void view(PolicyView view) {
    lines.add(view.node() + ": " + view.policy());
    if (view.pods().isEmpty()) {
      lines.add("  no pod of this node is selected, so the switch has nothing of it");
    } else {
      lines.add("  pods here: " + String.join(", ", view.pods()));
    }
    for (Direction direction : List.of(Direction.INGRESS, Direction.EGRESS)) {
      direction(view, direction);
    }
    if (view.missing() > 0) {
      lines.add("");
      lines.add(
          "  NOT IN THE SWITCH: %d flow%s; `seine flows diff` tells which"
              .formatted(view.missing(), view.missing() == 1 ? "" : "s"));
    }
    if (!view.problems().isEmpty()) {
      lines.add("");
      lines.add("  refused or left out");
      view.problems()
          .forEach(problem -> lines.add(INDENT + problem.reason() + ": " + problem.message()));
    }
  }

  private void direction(PolicyView view, Direction direction) {
    List<Rule> rules = view.rules().stream().filter(r -> r.direction() == direction).toList();
    if (rules.isEmpty()) {
      return;
    }
    lines.add("");
    lines.add("  " + direction.label());
    Table table =
        new Table(
            "RULE",
            "VERDICT",
            "TIER",
            direction == Direction.INGRESS ? "FROM" : "TO",
            "PORTS",
            "CONNECTIONS",
            "PACKETS",
            "");
    for (Rule rule : rules) {
      for (int i = 0; i < Math.max(1, rule.peers().size()); i++) {
        String peer = i < rule.peers().size() ? peer(rule.peers().get(i)) : "nobody";
        if (i == 0) {
          table.row(
              rule.which(),
              rule.dryRun() ? "would " + rule.verdict() : rule.verdict(),
              rule.order(),
              peer,
              String.join(", ", rule.ports()),
              rule.connections(),
              rule.packets(),
              remarks(rule));
        } else {
          table.row("", "", "", peer, "", "", "", "");
        }
      }
    }
    StringWriter text = new StringWriter();
    table.print(new PrintWriter(text, true));
    text.toString().lines().forEach(line -> lines.add(INDENT + line.stripTrailing()));
  }

  private static String remarks(Rule rule) {
    List<String> remarks = new ArrayList<>();
    if (rule.dryRun()) {
      remarks.add("dry run");
    }
    if (rule.log()) {
      remarks.add("logged");
    }
    return String.join(", ", remarks);
  }

  private static String peer(Peer peer) {
    if (peer.addresses() < 0) {
      return peer.what();
    }
    int more = peer.addresses() - peer.names().size();
    return "%s (%d: %s%s)"
        .formatted(
            peer.what(),
            peer.addresses(),
            peer.names().isEmpty() ? "nobody" : String.join(", ", peer.names()),
            more > 0 ? " and %d more".formatted(more) : "");
  }

  static Map<String, Object> json(PolicyView view) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", view.node());
    object.put("policy", view.policy().toString());
    object.put("pods", view.pods());
    object.put("missingFlows", view.missing());
    object.put("rules", view.rules().stream().map(PolicyScreen::rule).toList());
    object.put(
        "problems",
        view.problems().stream()
            .map(p -> Map.of("reason", p.reason(), "message", p.message()))
            .toList());
    return object;
  }

  private static Map<String, Object> rule(Rule rule) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("direction", rule.direction().label());
    object.put("rule", rule.which());
    object.put("verdict", rule.verdict());
    object.put("order", rule.order());
    object.put("dryRun", rule.dryRun());
    object.put("log", rule.log());
    object.put("peers", rule.peers().stream().map(PolicyScreen::object).toList());
    object.put("ports", rule.ports());
    object.put("connections", rule.connections());
    object.put("packets", rule.packets());
    return object;
  }

  private static Map<String, Object> object(Peer peer) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("peer", peer.what());
    object.put("addresses", peer.addresses());
    object.put("names", peer.names());
    return object;
  }
}
