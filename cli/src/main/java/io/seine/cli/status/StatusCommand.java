package io.seine.cli.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.cli.Output;
import io.seine.cli.flows.NodeChoice;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seine status}. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description =
        "How every node is: agent, switch, and what is realised. Exit 1 when something is not well.")
public final class StatusCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeChoice choice = new NodeChoice();

  @Option(names = "-o", paramLabel = "FORMAT", description = "table or json; default: table.")
  private Output output = Output.TABLE;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SandboxView view = choice.attach()) {
      List<NodeStatus> all =
          choice.of(view).parallelStream().map((SandboxNode node) -> NodeStatus.of(node)).toList();
      if (output == Output.JSON) {
        out.println(json(all.stream().map(NodeStatus::toJson).toList()));
      } else {
        out.println(
            "sandbox "
                + view.name()
                + ", pods "
                + String.join(" ", view.state().podCidrs())
                + ", services "
                + String.join(" ", view.state().serviceCidrs()));
        all.forEach(status -> print(status, out));
      }
      return all.stream().allMatch(NodeStatus::isWell) ? 0 : 1;
    }
  }

  private static void print(NodeStatus status, PrintWriter out) {
    out.println();
    out.println("%s  %s  pods %s".formatted(status.node(), status.address(), status.podCidr()));
    out.println(
        "  %-14s %s"
            .formatted(
                "agent",
                status.agentUp()
                    ? (status.ready() ? "ready" : "not ready: " + status.reason())
                    : "DOWN"));
    out.println("  %-14s %s".formatted("ovs-vswitchd", status.vswitchdUp() ? "up" : "DOWN"));
    out.println("  %-14s %s".formatted("ovsdb-server", status.ovsdbUp() ? "up" : "DOWN"));
    status
        .details()
        .properties()
        .forEach(
            entry -> out.println("  %-14s %s".formatted(entry.getKey(), plain(entry.getValue()))));
  }

  /** A value without JSON's marks: {@code flows 120, groups 3}. */
  private static String plain(JsonNode value) {
    return value.isTextual()
        ? value.asText()
        : value.toString().replaceAll("[{}\"\\[\\]]", "").replace(",", ", ").replace(":", " ");
  }

  private static String json(Object value) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
