package io.seine.cli.flows;

import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.openflow.Flow;
import io.seine.openflow.OvsText;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import io.seine.pipeline.explain.Explainer;
import io.seine.reconcile.Diff;
import io.seine.reconcile.DriftReport.Finding;
import io.seine.reconcile.DriftReport.Item;
import io.seine.sandbox.NodeDatabase;
import io.seine.sandbox.SandboxException;
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
    exitCodeOnExecutionException = 2,
    description =
        "Compare the switch with what it should hold. Exit 1 when they differ, 2 when that cannot be"
            + " told.")
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeChoice choice = new NodeChoice();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int differences = 0;
    try (SandboxView view = choice.attach();
        Api api = NodeFacts.api(view)) {
      for (SandboxNode node : choice.of(view)) {
        SwitchReading reading = SwitchReading.of(node);
        Map<Owner, FlowSet> wanted = wanted(api, node, reading);
        List<Finding> findings =
            Diff.between(wanted, reading.flows(), reading.groups()).all(wanted);
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

  private static Map<Owner, FlowSet> wanted(Api api, SandboxNode node, SwitchReading reading) {
    try {
      return NodeFacts.load(api, reading.config(), NodeDatabase.read(node))
          .compile(reading.groupIds());
    } catch (ApiException e) {
      throw new SandboxException("what " + node.name() + " should hold is not known", e);
    }
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
    return Explainer.tableName(flow.table()) + ": " + OvsText.of(flow);
  }
}
