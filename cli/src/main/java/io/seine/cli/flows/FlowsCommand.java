package io.seine.cli.flows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.cli.Output;
import io.seine.pipeline.Owner;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.sandbox.NodeDatabase;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seine flows}. */
@Command(
    name = "flows",
    mixinStandardHelpOptions = true,
    description =
        "What the switch does, in the cluster's own words. Works with the agent down. Exit 1 when a"
            + " switch cannot be read, or nothing concerns the pod, service or policy.",
    subcommands = DiffCommand.class)
public final class FlowsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeChoice choice = new NodeChoice();
  @Mixin private FlowFilter filter = new FlowFilter();

  @Option(names = "--raw", description = "As ovs-ofctl would print it.")
  private boolean raw;

  @Option(names = "--stats", description = "With packets, bytes and age.")
  private boolean stats;

  @Option(
      names = "--expand",
      description = "One line for each flow; alike ones are folded otherwise.")
  private boolean expand;

  @Option(names = "-o", paramLabel = "FORMAT", description = "table or json; default: table.")
  private Output output = Output.TABLE;

  private final Set<String> complaints = new LinkedHashSet<>();
  private final Set<Owner> strangers = new LinkedHashSet<>();

  @Override
  public Integer call() {
    complaints.clear();
    strangers.clear();
    strangers.addAll(filter.asked());
    var _ = filter.tableNumber(); // a wrong one is told before anything is read
    Optional<Integer> told =
        filter
            .onlyService()
            .filter(_ -> !raw && !stats)
            .flatMap(this::service)
            .or(() ->
                filter.onlyPolicy().filter(_ -> !raw && !stats && !expand).flatMap(this::policy));
    return told.orElseGet(this::listing);
  }

  /** All flows that are asked for. */
  private int listing() {
    boolean read = true;
    List<FlowsView> views = new ArrayList<>();
    try (SandboxView view = choice.attach();
        Api api = NodeFacts.api(view)) {
      for (SandboxNode node : choice.of(view)) {
        try {
          views.add(read(node, api));
        } catch (SandboxException e) {
          complain(String.valueOf(e.getMessage()));
          read = false;
        }
      }
    }
    print(views);
    strangers.forEach(who ->
        complain(
            "nothing concerns %s on %s"
                .formatted(
                    who, views.stream().map(FlowsView::node).collect(Collectors.joining(", ")))));
    return read && strangers.isEmpty() ? 0 : 1;
  }

  /** All of one service on each node; empty if the API cannot say what there is to it. */
  private Optional<Integer> service(Owner.Service asked) {
    boolean read = true;
    List<String> lines = new ArrayList<>();
    List<Map<String, Object>> objects = new ArrayList<>();
    try (SandboxView view = choice.attach();
        Api api = NodeFacts.api(view)) {
      Optional<ServiceOfNode> service = ServiceOfNode.find(api, asked);
      if (service.isEmpty()) {
        complain("there is no %s at %s".formatted(asked, api.address()));
        return Optional.of(1);
      }
      for (SandboxNode node : choice.of(view)) {
        try {
          SwitchReading reading = SwitchReading.of(node);
          ServiceView shown = service.get().on(node, reading);
          if (output == Output.JSON) {
            objects.add(ServiceJson.of(shown));
          } else {
            lines.addAll(lines.isEmpty() ? List.of() : List.of(""));
            lines.addAll(ServiceScreen.lines(shown, expand));
          }
        } catch (SandboxException e) {
          complain(String.valueOf(e.getMessage()));
          read = false;
        }
      }
    } catch (ApiException e) {
      complain(e.getMessage() + "; only the flows of " + asked + " can be shown");
      return Optional.empty();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      out.println(toJson(objects));
    } else {
      lines.forEach(out::println);
    }
    out.flush();
    return Optional.of(read ? 0 : 1);
  }

  /** All of one policy on each node; empty if the API cannot say what there is to it. */
  private Optional<Integer> policy(PolicyRef asked) {
    boolean read = true;
    List<String> lines = new ArrayList<>();
    List<Map<String, Object>> objects = new ArrayList<>();
    try (SandboxView view = choice.attach();
        Api api = NodeFacts.api(view)) {
      if (!NodeFacts.has(api, asked)) {
        complain("there is no %s at %s".formatted(asked, api.address()));
        return Optional.of(1);
      }
      for (SandboxNode node : choice.of(view)) {
        try {
          SwitchReading reading = SwitchReading.of(node);
          PolicyView shown =
              new PolicyReading(
                      NodeFacts.load(api, reading.config(), NodeDatabase.read(node)),
                      reading.flows(),
                      NodeFacts.pods(api))
                  .view(asked);
          objects.add(PolicyScreen.json(shown));
          lines.addAll(lines.isEmpty() ? List.of() : List.of(""));
          lines.addAll(PolicyScreen.lines(shown));
        } catch (SandboxException e) {
          complain(String.valueOf(e.getMessage()));
          read = false;
        }
      }
    } catch (ApiException e) {
      complain(e.getMessage() + "; only the flows of " + asked + " can be shown");
      return Optional.empty();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      out.println(toJson(objects));
    } else {
      lines.forEach(out::println);
    }
    out.flush();
    return Optional.of(read ? 0 : 1);
  }

  private FlowsView read(SandboxNode node, Api api) {
    SwitchReading reading = SwitchReading.of(node);
    List<ExplainedFlow> flows =
        new Explainer(Naming.of(reading, node, api, this::complain), reading.groups())
            .explain(reading.flows());
    flows.forEach(flow -> strangers.removeIf(flow::concerns));
    return new FlowsView(
        node.name(),
        flows.stream().filter(filter::shows).toList(),
        flows.size(),
        reading.groups().size());
  }

  private void print(List<FlowsView> views) {
    PrintWriter out = spec.commandLine().getOut();
    if (output == Output.JSON) {
      List<Map<String, Object>> objects = new ArrayList<>();
      views.forEach(view -> objects.addAll(FlowJson.of(view.node(), view.shown())));
      out.println(toJson(objects));
    } else if (raw) {
      views.forEach(view -> view.rawLines(stats).forEach(out::println));
    } else {
      String separator = "";
      for (FlowsView view : views) {
        out.print(separator);
        view.lines(stats, expand, filter.asked()).forEach(out::println);
        separator = System.lineSeparator();
      }
    }
    out.flush();
  }

  /** Each complaint once, however many nodes it is true of. */
  private void complain(String what) {
    if (complaints.add(what)) {
      spec.commandLine().getErr().println("seine: " + what);
    }
  }

  private static String toJson(Object value) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
