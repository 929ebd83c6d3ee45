package io.seine.cli.sandbox;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.cli.Output;
import io.seine.cli.SandboxOption;
import io.seine.cli.Table;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.control.Pods;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code seine sandbox get}. */
@Command(name = "get", mixinStandardHelpOptions = true, description = "Show objects of the API.")
final class GetCommand implements Runnable {
  /** What can be shown. */
  enum Kind {
    NODES,
    PODS,
    SERVICES,
    ENDPOINTSLICES,
    EVENTS
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private SandboxOption sandbox = new SandboxOption();

  @Parameters(index = "0", description = "nodes, pods, services, endpointslices or events.")
  private Kind kind = Kind.PODS;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      description = "Default: all namespaces.")
  private String namespace = "";

  @Option(names = "-o", paramLabel = "FORMAT", description = "table or json; default: table.")
  private Output output = Output.TABLE;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (SandboxView view = sandbox.attach()) {
      List<? extends HasMetadata> objects =
          list(view.client()).stream()
              .filter(o ->
                  namespace.isEmpty()
                      || namespace.equals(o.getMetadata().getNamespace())
                      || kind == Kind.NODES)
              .toList();
      if (output == Output.JSON) {
        out.println(
            view.client()
                .getKubernetesSerialization()
                .asJson(Map.of("apiVersion", "v1", "kind", "List", "items", objects)));
      } else if (objects.isEmpty()) {
        out.println("none");
      } else {
        table(objects).print(out);
      }
    }
  }

  private List<? extends HasMetadata> list(KubernetesClient client) {
    return switch (kind) {
      case NODES -> client.nodes().list().getItems();
      case PODS -> client.pods().inAnyNamespace().list().getItems();
      case SERVICES -> client.services().inAnyNamespace().list().getItems();
      case ENDPOINTSLICES ->
          client.discovery().v1().endpointSlices().inAnyNamespace().list().getItems();
      case EVENTS -> client.v1().events().inAnyNamespace().list().getItems();
    };
  }

  private Table table(List<? extends HasMetadata> objects) {
    Table table =
        switch (kind) {
          case NODES -> new Table("NAME", "ADDRESSES", "POD-CIDRS", "ZONE");
          case PODS -> new Table("NAMESPACE", "NAME", "READY", "STATUS", "IP", "NODE");
          case SERVICES ->
              new Table("NAMESPACE", "NAME", "TYPE", "CLUSTER-IPS", "EXTERNAL-IPS", "PORTS");
          case ENDPOINTSLICES -> new Table("NAMESPACE", "NAME", "PORTS", "ENDPOINTS");
          case EVENTS -> new Table("LAST-SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE");
        };
    objects.stream()
        .sorted(
            Comparator.comparing(
                o -> o.getMetadata().getNamespace() + "/" + o.getMetadata().getName()))
        .forEach(object -> addRow(table, object));
    return table;
  }

  private static void addRow(Table table, HasMetadata object) {
    String ns = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    switch (object) {
      case Node node ->
          table.row(
              name,
              node.getStatus().getAddresses().stream()
                  .filter(address -> address.getType().equals("InternalIP"))
                  .map(NodeAddress::getAddress)
                  .collect(Collectors.joining(",")),
              String.join(",", node.getSpec().getPodCIDRs()),
              node.getMetadata().getLabels().getOrDefault("topology.kubernetes.io/zone", "-"));
      case Pod pod ->
          table.row(
              ns,
              name,
              Pods.isReady(pod) ? "yes" : "no",
              phase(pod),
              Pods.addresses(pod).isEmpty() ? "-" : String.join(",", Pods.addresses(pod)),
              Pods.node(pod).orElse("-"));
      case Service service ->
          table.row(
              ns,
              name,
              service.getSpec().getType(),
              service.getSpec().getClusterIPs().isEmpty()
                  ? "-"
                  : String.join(",", service.getSpec().getClusterIPs()),
              externalAddresses(service),
              ports(service));
      case EndpointSlice slice ->
          table.row(
              ns,
              name,
              slice.getPorts().stream()
                  .map(p -> p.getPort() + "/" + p.getProtocol())
                  .collect(Collectors.joining(",")),
              slice.getEndpoints().stream()
                  .map(GetCommand::endpoint)
                  .collect(Collectors.joining(",")));
      case Event event ->
          table.row(
              Objects.requireNonNullElse(event.getLastTimestamp(), "-"),
              event.getType(),
              event.getReason(),
              event.getInvolvedObject().getKind() + "/" + event.getInvolvedObject().getName(),
              event.getMessage());
      default ->
          throw new IllegalArgumentException("not a kind that can be shown: " + object.getKind());
    }
  }

  private static String phase(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() != null
        ? "Terminating"
        : pod.getStatus() == null ? "Pending" : pod.getStatus().getPhase();
  }

  /** The address, and what keeps it from being an endpoint like any other. */
  private static String endpoint(Endpoint endpoint) {
    String address = endpoint.getAddresses().getFirst();
    EndpointConditions conditions = endpoint.getConditions();
    if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
      return address;
    }
    return address
        + (Boolean.TRUE.equals(conditions.getTerminating()) ? "(terminating" : "(not ready")
        + (Boolean.TRUE.equals(conditions.getServing()) ? ", serving)" : ")");
  }

  private static String externalAddresses(Service service) {
    List<String> addresses = new ArrayList<>(service.getSpec().getExternalIPs());
    if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
      service
          .getStatus()
          .getLoadBalancer()
          .getIngress()
          .forEach(ingress -> addresses.add(ingress.getIp()));
    }
    return addresses.isEmpty() ? "-" : String.join(",", addresses);
  }

  private static String ports(Service service) {
    return service.getSpec().getPorts().stream()
        .map(p ->
            p.getPort()
                + (p.getNodePort() == null || p.getNodePort() == 0 ? "" : ":" + p.getNodePort())
                + "/"
                + p.getProtocol())
        .collect(Collectors.joining(","));
  }
}
