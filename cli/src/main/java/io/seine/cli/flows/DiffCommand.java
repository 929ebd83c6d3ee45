package io.seine.cli.flows;

import io.seine.openflow.Flow;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import io.seine.reconcile.Diff;
import io.seine.reconcile.DriftReport.Finding;
import io.seine.reconcile.DriftReport.Item;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code seine flows diff}. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Compare the switch with what it should hold; exit 1 when they differ.")
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeChoice choice = new NodeChoice();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int differences = 0;
    try (SandboxView view = choice.attach()) {
      for (SandboxNode node : choice.of(view)) {
        SwitchReading reading = SwitchReading.of(view, node);
        List<Finding> findings =
            Diff.between(reading.wanted(), reading.flows(), reading.groups()).all(reading.wanted());
        findings.forEach(finding -> out.println(node.name() + ": " + line(finding)));
        out.println(
            node.name()
                + ": "
                + (findings.isEmpty()
                    ? "as it should be, "
                        + reading.flows().size()
                        + " flows, "
                        + reading.groups().size()
                        + " groups"
                    : summary(findings)));
        differences += findings.size();
      }
    }
    return differences == 0 ? 0 : 1;
  }

  private static String summary(List<Finding> findings) {
    Map<String, Long> counts =
        findings.stream()
            .collect(Collectors.groupingBy(DiffCommand::kind, TreeMap::new, Collectors.counting()));
    return findings.size()
        + " differences: "
        + counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
  }

  private static String kind(Finding finding) {
    return finding.kind().toString().toLowerCase(Locale.ROOT);
  }

  private static String line(Finding finding) {
    String owner = finding.owner().map(Owner::toString).orElse("-");
    return "%-8s %-32s %s".formatted(kind(finding), owner, text(finding.item()));
  }

  private static String text(Item item) {
    return switch (item) {
      case Item.OfFlow flow when flow.wanted().isPresent() && flow.actual().isPresent() ->
          described(flow.actual().get())
              + "; wanted actions="
              + OvsText.of(flow.wanted().get().actions());
      case Item.OfFlow flow -> described(flow.wanted().or(flow::actual).orElseThrow());
      case Item.OfGroup group -> OvsText.of(group.wanted().or(group::actual).orElseThrow());
    };
  }

  private static String described(Flow flow) {
    return Words.table(flow.table()) + ": " + OvsText.of(flow);
  }
}
