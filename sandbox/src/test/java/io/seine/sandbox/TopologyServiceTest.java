package io.seine.sandbox;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which endpoints are chosen where: nodes 1 and 2 are in zone a, node 3 in zone b. A row says what
 * the endpoints are like and who answers on each node; nobody means that questions are dropped.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class TopologyServiceTest implements Diagnostics.OnSandbox {
  private static final Duration GRACE = Duration.ofMinutes(2);
  private static final Set<String> NOBODY = Set.of();
  private static final Set<String> ALL = Set.of("web-1", "web-2", "web-3");
  private final ServiceCluster cluster;

  TopologyServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** What becomes of the pod web-N before questions are asked. */
  enum State {
    READY,
    NOT_READY,
    TERMINATING,
    TERMINATING_NOT_READY
  }

  private static Stream<Arguments> rows() {
    State up = State.READY;
    State down = State.NOT_READY;
    State ending = State.TERMINATING;
    State broken = State.TERMINATING_NOT_READY;
    return Stream.of(
        row("internalTrafficPolicy: Local", Map.of(1, up, 2, up), of(1), of(2), NOBODY),
        row("internalTrafficPolicy: Local", Map.of(1, ending, 2, up), of(1), of(2), NOBODY),
        row("internalTrafficPolicy: Local", Map.of(1, broken, 2, up), NOBODY, of(2), NOBODY),
        row("trafficDistribution: PreferClose", all(up), of(1, 2), of(1, 2), of(3)),
        row("trafficDistribution: PreferSameZone", all(up), of(1, 2), of(1, 2), of(3)),
        row("trafficDistribution: PreferSameZone", up(2, 3), of(2), of(2), of(3)),
        row("trafficDistribution: PreferSameZone", up(1, 2), of(1, 2), of(1, 2), of(1, 2)),
        row("trafficDistribution: PreferSameNode", all(up), of(1), of(2), of(3)),
        row("trafficDistribution: PreferSameNode", up(2, 3), of(2), of(2), of(3)),
        row("trafficDistribution: PreferSameNode", up(1, 2), of(1), of(2), of(1, 2)),
        row("type: ClusterIP", all(up), ALL, ALL, ALL),
        row("type: ClusterIP", Map.of(1, up, 2, down, 3, ending), of(1), of(1), of(1)),
        row("type: ClusterIP", Map.of(1, down, 2, ending, 3, ending), of(2, 3), of(2, 3), of(2, 3)),
        row("type: ClusterIP", Map.of(1, down, 2, broken, 3, ending), of(3), of(3), of(3)),
        row("publishNotReadyAddresses: true", Map.of(1, up, 2, down, 3, up), ALL, ALL, ALL),
        row(
            "trafficDistribution: PreferClose",
            Map.of(1, ending, 2, ending, 3, up),
            of(3),
            of(3),
            of(3)));
  }

  @ParameterizedTest(name = "{0}, pods {1}: on node-1 {2}, on node-2 {3}, on node-3 {4} answer")
  @MethodSource("rows")
  void answers(
      String setting,
      Map<Integer, State> pods,
      Set<String> onFirst,
      Set<String> onSecond,
      Set<String> onThird) {
    try (Scene scene = cluster.scene()) {
      scene.apply(service(setting));
      scene.web(pods.keySet().stream().mapToInt(Integer::intValue).toArray());
      pods.forEach((number, state) -> put(scene, "web-" + number, state));

      Target target = Target.tcp(scene.clusterIp("web"), 80);
      check(scene, cluster.pod(1), target, onFirst);
      check(scene, cluster.pod(2), target, onSecond);
      check(scene, cluster.pod(3), target, onThird);
      check(scene, cluster.node(1), target, onFirst);
      check(scene, cluster.node(3), target, onThird);
    }
  }

  @Test
  void hintsOfManualSlicesAreFollowedOnlyWhenEveryEndpointHasOne() {
    try (Scene scene = cluster.scene()) {
      scene.web(1, 2, 3);
      scene.apply(service("type: ClusterIP").replace("selector: {app: web}, ", ""));
      scene.apply(slice(scene, "a", "a", "b"));
      Target target = Target.tcp(scene.clusterIp("web"), 80);
      check(scene, cluster.pod(1), target, of(1, 2));
      check(scene, cluster.pod(3), target, of(3));

      scene.apply(slice(scene, "a", "a", ""));
      check(scene, cluster.pod(1), target, ALL);
      check(scene, cluster.pod(3), target, ALL);

      scene.apply(slice(scene, "b", "b", "a"));
      check(scene, cluster.pod(1), target, of(3));
      check(scene, cluster.pod(3), target, of(1, 2));
    }
  }

  private static void check(Scene scene, Place from, Target target, Set<String> pods) {
    if (pods.isEmpty()) {
      scene.dropped(from, target);
    } else {
      scene.answered(from, target, pods);
    }
  }

  private static void put(Scene scene, String pod, State state) {
    if (state == State.NOT_READY || state == State.TERMINATING_NOT_READY) {
      scene.setReady(pod, false);
    }
    if (state == State.TERMINATING || state == State.TERMINATING_NOT_READY) {
      scene.terminate(pod, GRACE);
    }
  }

  private static String service(String setting) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {%s, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}]}
    """
        .formatted(setting);
  }

  /** The three pods, with a zone that each is for; empty: for none in particular. */
  private static String slice(Scene scene, String... zones) {
    StringBuilder endpoints = new StringBuilder();
    for (int i = 0; i < zones.length; i++) {
      endpoints.append(
          "- {addresses: [%s], nodeName: node-%d%s}%n"
              .formatted(
                  scene.place("web-" + (i + 1)).address(),
                  i + 1,
                  zones[i].isEmpty() ? "" : ", hints: {forZones: [{name: " + zones[i] + "}]}"));
    }
    return """
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: web-manual, labels: {kubernetes.io/service-name: web}}
    addressType: IPv4
    ports: [{name: t, port: 8080}]
    endpoints:
    %s\
    """
        .formatted(endpoints);
  }

  private static Arguments row(
      String setting,
      Map<Integer, State> pods,
      Set<String> onFirst,
      Set<String> onSecond,
      Set<String> onThird) {
    return Arguments.of(setting, new TreeMap<>(pods), onFirst, onSecond, onThird);
  }

  private static Map<Integer, State> all(State state) {
    return Map.of(1, state, 2, state, 3, state);
  }

  private static Map<Integer, State> up(int... numbers) {
    Map<Integer, State> states = new TreeMap<>();
    for (int number : numbers) {
      states.put(number, State.READY);
    }
    return states;
  }

  private static Set<String> of(Integer... numbers) {
    return Set.of(Stream.of(numbers).map(number -> "web-" + number).toArray(String[]::new));
  }
}
