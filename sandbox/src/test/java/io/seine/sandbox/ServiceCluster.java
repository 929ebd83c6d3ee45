package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.node.OutsideClient;
import io.seine.sandbox.node.SandboxNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The cluster that all tests of services share: three nodes in the zones a, a and b, on each a pod
 * to ask from, and two clients outside. A test class gets it as a parameter of its constructor, by
 * {@code @ExtendWith(ServiceCluster.Shared.class)}; each test puts what it needs in a {@link Scene}
 * of its own.
 */
final class ServiceCluster implements AutoCloseable {
  /**
   * External addresses may only be of these networks: those of the nodes and of the cluster, so
   * that other reasons to refuse one are seen, and some of nobody's.
   */
  static final List<String> EXTERNAL_CIDRS =
      List.of(
          "10.0.0.0/8",
          "127.0.0.0/8",
          "172.31.200.0/24",
          "172.80.88.0/24",
          "198.51.100.0/24",
          "fd00::/8",
          "2001:db8:51::/48");

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String PROBES = "probes";
  private final AtomicInteger scenes = new AtomicInteger();
  private final String name;
  private final Sandbox sandbox;
  private final List<Place> pods = new ArrayList<>();
  private final List<Place> outside = new ArrayList<>();

  private ServiceCluster(SandboxSpec spec) {
    this.name = spec.name();
    this.sandbox = Sandbox.up(spec, Progress.silent());
    try {
      makePlaces();
    } catch (RuntimeException | Error e) {
      sandbox.close();
      throw e;
    }
  }

  /** A cluster of its own for a test class that needs other families or options. */
  static ServiceCluster start(SandboxSpec.Stack stack, Map<String, Object> agentOptions) {
    QuietLogging.use();
    return new ServiceCluster(spec(3, stack).withAgentOptions(agentOptions));
  }

  /** A cluster of one node, for a test class that needs options and no more. */
  static ServiceCluster ofOneNode(Map<String, Object> agentOptions) {
    QuietLogging.use();
    return new ServiceCluster(spec(1, SandboxSpec.Stack.IPV4).withAgentOptions(agentOptions));
  }

  private static SandboxSpec spec(int nodes, SandboxSpec.Stack stack) {
    String name = "s" + UUID.randomUUID().toString().substring(0, 6);
    return SandboxSpec.ofNodes(name, nodes, stack)
        .withZones(List.of("a", "a", "b").subList(0, nodes));
  }

  /** Gives test classes the one cluster of this run; it is taken down when all tests are done. */
  static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == ServiceCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(ServiceCluster.class))
          .getOrComputeIfAbsent(
              "shared",
              k -> start(SandboxSpec.Stack.IPV4, Map.of("externalIpCidrs", EXTERNAL_CIDRS)),
              ServiceCluster.class);
    }
  }

  SandboxView view() {
    return sandbox.view();
  }

  /** The node with this number, from 1. */
  SandboxNode sandboxNode(int number) {
    return view().nodes().get(number - 1);
  }

  /** The processes of the node with this number, from 1. */
  Place node(int number) {
    SandboxNode node = sandboxNode(number);
    return new Place(node.name(), node.namespace(), node.addresses());
  }

  /** A pod on the node with this number, from 1; it belongs to no service. */
  Place pod(int number) {
    return pods.get(number - 1);
  }

  /** A host outside the cluster: 1 or 2. */
  Place outside(int number) {
    return outside.get(number - 1);
  }

  List<Place> pods() {
    return pods;
  }

  List<Place> nodes() {
    return IntStream.rangeClosed(1, view().nodes().size()).mapToObj(this::node).toList();
  }

  /** Sends what a client outside has for an address through a node, from now on. */
  void route(Place client, String address, int node) {
    view().client(client.name()).route(address, sandboxNode(node));
  }

  /**
   * The addresses of a node's gateway, which stand for those whose replies must come back to it.
   */
  List<String> gateways(int node) {
    return sandboxNode(node).podCidrs().stream()
        .map(cidr -> io.seine.sandbox.node.Cidr.parse(cidr).at(1))
        .toList();
  }

  /** A fresh namespace. */
  Scene scene() {
    return new Scene(this, "t" + scenes.incrementAndGet());
  }

  private void makePlaces() {
    for (String client : List.of("east", "west")) {
      OutsideClient made = view().addClient(client);
      outside.add(new Place(made.name(), made.namespace(), made.addresses()));
    }
    Scene probes = new Scene(this, PROBES);
    for (int number = 1; number <= view().nodes().size(); number++) {
      probes.apply(
          """
          apiVersion: v1
          kind: Pod
          metadata: {name: asker-%1$d}
          spec: {nodeName: node-%1$d, containers: [{name: c, image: i, ports: [{containerPort: 9}]}]}
          """
              .formatted(number));
    }
    probes.awaitPods();
    for (int number = 1; number <= view().nodes().size(); number++) {
      pods.add(probes.place("asker-" + number));
    }
    await()
        .atMost(LIMIT)
        .until(() -> view().nodes().stream().allMatch(node -> node.agent().isReady()));
  }

  @Override
  public void close() {
    sandbox.close();
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }
}
