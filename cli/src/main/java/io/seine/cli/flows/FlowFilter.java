package io.seine.cli.flows;

import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.policy.PolicyRef;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which flows to show; all that are given must hold. */
final class FlowFilter {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--pod",
      paramLabel = "NS/NAME",
      description =
          "All that concerns this pod: its own flows, and the services that it serves. Without NS:"
              + " in namespace default.")
  private Optional<String> pod = Optional.empty();

  @Option(
      names = "--service",
      paramLabel = "NS/NAME",
      description =
          "Everything of this service: where it is reached and how, its endpoints with their shares,"
              + " hits and states, remembered clients, what is refused and why. With --raw, --stats,"
              + " --expand, --table or --pod: its flows.")
  private Optional<String> service = Optional.empty();

  @Option(
      names = "--policy",
      paramLabel = "NS/NAME",
      description =
          "Everything of this NetworkPolicy, or of the ClusterNetworkPolicy NAME: its rules, the pods"
              + " and peers, what it decided, what is refused and why. With --raw, --stats, --expand,"
              + " --table or --pod: its flows.")
  private Optional<String> policy = Optional.empty();

  @Option(names = "--table", paramLabel = "T", description = "One table, by name or number.")
  private Optional<String> table = Optional.empty();

  /** Whom the flows shall concern, each of them; may be empty. */
  Set<Owner> asked() {
    Set<Owner> asked = new LinkedHashSet<>();
    pod.ifPresent(text -> asked.add(owner("--pod", text, Owner.Pod::new)));
    service.ifPresent(text -> asked.add(owner("--service", text, Owner.Service::new)));
    policy().ifPresent(ref -> asked.add(ref.owner()));
    return asked;
  }

  private Optional<PolicyRef> policy() {
    return policy.map(text -> {
      String[] parts = text.split("/", -1);
      return switch (parts.length) {
        case 1 -> new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", parts[0]);
        case 2 -> new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, parts[0], parts[1]);
        default ->
            throw new ParameterException(
                spec.commandLine(),
                "--policy is NAMESPACE/NAME, or the NAME of a ClusterNetworkPolicy, not '%s'"
                    .formatted(text));
      };
    });
  }

  /** The policy, if one is asked for and nothing else. */
  Optional<PolicyRef> onlyPolicy() {
    return pod.isPresent() || service.isPresent() || table.isPresent()
        ? Optional.empty()
        : policy();
  }

  /** The service, if one is asked for and nothing else. */
  Optional<Owner.Service> onlyService() {
    return pod.isPresent() || policy.isPresent() || table.isPresent()
        ? Optional.empty()
        : service.map(text -> (Owner.Service) owner("--service", text, Owner.Service::new));
  }

  /** The number of the table, if one is asked for. */
  Optional<Integer> tableNumber() {
    return table.map(this::tableNumber);
  }

  /** Whether the flow is one of those to show. */
  boolean shows(ExplainedFlow flow) {
    return asked().stream().allMatch(flow::concerns)
        && tableNumber().stream().allMatch(number -> number == flow.tableNumber());
  }

  private Owner owner(String option, String text, BiFunction<String, String, Owner> ownerOf) {
    String[] parts = text.split("/", -1);
    return switch (parts.length) {
      case 1 -> ownerOf.apply("default", parts[0]);
      case 2 -> ownerOf.apply(parts[0], parts[1]);
      default ->
          throw new ParameterException(
              spec.commandLine(), option + " is NAMESPACE/NAME, not '" + text + "'");
    };
  }

  private int tableNumber(String text) {
    Optional<Table> known = Table.named(text);
    if (known.isPresent()) {
      return known.get().number();
    }
    if (text.matches("[0-9]{1,3}")) {
      return Integer.parseInt(text);
    }
    throw new ParameterException(
        spec.commandLine(), "no table '" + text + "'; tables have the names of docs/pipeline.md");
  }
}
