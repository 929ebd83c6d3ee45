package io.seine.cli.bench;

import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo.Peer;
import io.seine.agent.kube.NetworkPolicyInfo.Rule;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.PolicyOptions;
import io.seine.agent.kube.Selector;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A cluster of small namespaces, each like the others: two pods of one application, two of another,
 * a policy that denies all, and one for each application, by which its pods may be reached from
 * their like. A hundred pods run on each node.
 *
 * <p>The shapes are those of the peer's test of 25 000 namespaces.
 */
record PolicyCluster(int namespaces) {
  static final int PODS_OF_A_NODE = 100;

  private static final int PODS_OF_A_NAMESPACE = 4;
  private static final int POLICIES_OF_A_NAMESPACE = 3;
  private static final int FIRST_PORT = 10;
  private static final int PORTS = 60_000;
  private static final Ip FIRST_ADDRESS = Ip.parse("10.128.0.1");
  private static final List<Map<String, String>> APPLICATIONS =
      List.of(Map.of("app-1", "scale-1"), Map.of("app-2", "scale-2"));

  String label() {
    return "%d pods".formatted(pods());
  }

  int pods() {
    return namespaces * PODS_OF_A_NAMESPACE;
  }

  int policies() {
    return namespaces * POLICIES_OF_A_NAMESPACE;
  }

  private int nodes() {
    return pods() / PODS_OF_A_NODE;
  }

  Stream<NamespaceInfo> allNamespaces() {
    return IntStream.range(0, namespaces)
        .mapToObj(i ->
            new NamespaceInfo(
                ref("v1", "Namespace", "", namespace(i)),
                Map.of("app", namespace(i), "kubernetes.io/metadata.name", namespace(i))));
  }

  Stream<PodInfo> allPods() {
    return IntStream.range(0, pods()).mapToObj(i -> pod(i, i % PODS_OF_A_NAMESPACE / 2));
  }

  Stream<NetworkPolicyInfo> allPolicies() {
    return IntStream.range(0, namespaces)
        .mapToObj(PolicyCluster::namespace)
        .flatMap(namespace ->
            Stream.of(
                policy(namespace, "default-deny-all", Map.of(), List.of()),
                policy(namespace, "np-1", APPLICATIONS.get(0), fromTheirLike(0)),
                policy(namespace, "np-2", APPLICATIONS.get(1), fromTheirLike(1))));
  }

  /** The pods of the first node, which are strewn over as many namespaces as there are pods. */
  Stream<LocalPod> localPods() {
    return IntStream.range(0, PODS_OF_A_NODE).map(this::local).mapToObj(PolicyCluster::localPod);
  }

  /** All pods, as if they were of one node, whose port numbers come again. */
  Stream<LocalPod> allPodsAsLocal() {
    return IntStream.range(0, pods()).mapToObj(PolicyCluster::localPod);
  }

  private static LocalPod localPod(int i) {
    return new LocalPod(
        namespace(i / PODS_OF_A_NAMESPACE),
        name(i),
        address(i),
        new Mac(0x0a_58_00_00_00_00L + i),
        FIRST_PORT + i % PORTS);
  }

  /**
   * The neighbour of a pod of the first node, which is of the same namespace and application and
   * runs elsewhere, as the other application's pod or, changed back, its own.
   *
   * @param i of the pods of the first node
   */
  PodInfo relabelledNeighbour(int i, boolean changed) {
    int pod = local(i);
    int neighbour = pod % 2 == 0 ? pod + 1 : pod - 1;
    int own = neighbour % PODS_OF_A_NAMESPACE / 2;
    return pod(neighbour, changed ? 1 - own : own);
  }

  private int local(int i) {
    return i * nodes();
  }

  /** Each next pod runs on the next node. */
  private PodInfo pod(int i, int application) {
    return new PodInfo(
        ref("v1", "Pod", namespace(i / PODS_OF_A_NAMESPACE), name(i)),
        "node-" + i % nodes(),
        List.of(address(i).toString()),
        false,
        false,
        APPLICATIONS.get(application),
        List.of());
  }

  private static NetworkPolicyInfo policy(
      String namespace, String name, Map<String, String> pods, List<Rule> ingress) {
    return new NetworkPolicyInfo(
        ref("networking.k8s.io/v1", "NetworkPolicy", namespace, name),
        Selector.of(pods),
        true,
        true,
        ingress,
        List.of(),
        PolicyOptions.NONE);
  }

  private static List<Rule> fromTheirLike(int application) {
    Selector pods = Selector.of(APPLICATIONS.get(application));
    return List.of(
        new Rule(List.of(new Peer.Pods(Optional.empty(), Optional.of(pods))), List.of()));
  }

  private static ObjectRef ref(String version, String kind, String namespace, String name) {
    return new ObjectRef(version, kind, new ObjectKey(namespace, name), "");
  }

  private static Ip address(int pod) {
    return FIRST_ADDRESS.plus(pod);
  }

  private static String namespace(int i) {
    return "namespace-" + i;
  }

  private static String name(int pod) {
    return "pod-" + pod;
  }
}
