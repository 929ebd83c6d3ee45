package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A client keeps its endpoint where a service says so: from wherever it asks and by whichever
 * address, for as long as new connections come, and no longer than the endpoint is there. Of three
 * endpoints one is on each node; who asks does so on, or through, node-3.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class AffinityTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Set<String> ALL = Set.of("web-1", "web-2", "web-3");
  private static final int NODE = 3;
  private static final int TIMES = 10;
  private static final int SHORT_SECONDS = 2;
  private static final int DAY_SECONDS = 86_400;
  private static final String BALANCED = "198.51.100.110";
  private static final String EXTERNAL = "198.51.100.120";

  /** A service with its affinity in YAML; it has two ports of TCP and one of UDP. */
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %1$s}
      spec:
        type: LoadBalancer
        %2$s
        externalIPs: [%3$s]
        selector: {app: web}
        ports:
        - {name: t, port: 80, targetPort: 8080}
        - {name: u, port: 80, protocol: UDP, targetPort: 8080}
        - {name: other, port: 81, targetPort: 8080}
      status: {loadBalancer: {ingress: [{ip: %4$s}]}}
      """;

  private static final String TIMED =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: timed}
      spec: {%s, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}]}
      """;
  private final ServiceCluster cluster;
  private final Scene scene;

  AffinityTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    for (int client = 1; client <= 2; client++) {
      for (String address : List.of(BALANCED, EXTERNAL)) {
        cluster.route(cluster.outside(client), address, NODE);
      }
    }
    scene.web(1, 2, 3);
    scene.apply(service("affine", "sessionAffinity: ClientIP", BALANCED, EXTERNAL));
    scene.apply(service("plain", "", "198.51.100.111", "198.51.100.121"));
    for (Place from : cluster.pods()) {
      scene.answered(from, Target.tcp(scene.clusterIp("plain"), 80), ALL);
    }
  }

  @AfterAll
  void end() {
    scene.close();
  }

  private static String service(String name, String affinity, String balanced, String external) {
    return SERVICE.formatted(name, affinity, external, balanced);
  }

  /** A service with one port and affinity for so long. */
  private static String timed(int timeout) {
    return TIMED.formatted(
        "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: %d}}"
            .formatted(timeout));
  }

  /** The addresses of a service's port, from the point of view of any client. */
  enum By {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_IP;

    boolean isForOutside() {
      return this != CLUSTER_IP;
    }
  }

  private Target target(Scene at, String service, By by, boolean udp) {
    return switch (by) {
      case CLUSTER_IP -> new Target(at.clusterIp(service), 80, udp);
      case NODE_PORT ->
          new Target(
              cluster.sandboxNode(NODE).address(), at.nodePort(service, udp ? "u" : "t"), udp);
      case LOAD_BALANCER -> new Target(BALANCED, 80, udp);
      case EXTERNAL_IP -> new Target(EXTERNAL, 80, udp);
    };
  }

  private List<Place> clients() {
    return List.of(cluster.pod(NODE), cluster.node(NODE), cluster.outside(1), cluster.outside(2));
  }

  private boolean isNode(Place client) {
    return client.equals(cluster.node(NODE));
  }

  private boolean reaches(Place client, By by) {
    return by.isForOutside()
        || !(client.equals(cluster.outside(1)) || client.equals(cluster.outside(2)));
  }

  private Stream<Arguments> everyWay() {
    return clients().stream()
        .flatMap(client ->
            Stream.of(By.values())
                .filter(by -> reaches(client, by))
                .flatMap(by -> Stream.of(false, true).map(udp -> Arguments.of(client, by, udp))));
  }

  @ParameterizedTest(name = "{0} by {1}, UDP {2}")
  @MethodSource("everyWay")
  void tenConnectionsInARowGoToOneEndpoint(Place client, By by, boolean udp) {
    Target target = target(scene, "affine", by, udp);
    String kept = first(client, target);
    keeps(client, target, kept);
  }

  private Stream<Arguments> everyClient() {
    return clients().stream()
        .flatMap(client -> Stream.of(false, true).map(udp -> Arguments.of(client, udp)));
  }

  /** But for the node itself, which asks a cluster IP from its gateway's address. */
  @ParameterizedTest(name = "{0}, UDP {1}")
  @MethodSource("everyClient")
  void aClientHasTheSameEndpointByEveryAddressOfThePort(Place client, boolean udp) {
    List<Target> targets =
        Stream.of(By.values())
            .filter(by -> reaches(client, by) && !(isNode(client) && by == By.CLUSTER_IP))
            .map(by -> target(scene, "affine", by, udp))
            .toList();
    String kept = first(client, targets.getFirst());
    for (int i = 0; i < TIMES; i++) {
      for (Target target : targets) {
        assertThat(pod(client, target)).as("%s asks %s", client, target).isEqualTo(kept);
      }
    }
  }

  @Test
  void withoutItEveryConnectionMayGoElsewhere() {
    for (Place client : clients()) {
      By by = reaches(client, By.CLUSTER_IP) ? By.CLUSTER_IP : By.NODE_PORT;
      for (boolean udp : List.of(false, true)) {
        scene.answered(client, target(scene, "plain", by, udp), ALL);
      }
    }
  }

  @Test
  void portsAndProtocolsOfAServiceAreIndependentAndSoAreClients() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(
          """
          apiVersion: v1
          kind: Service
          metadata: {name: ports}
          spec:
            sessionAffinity: ClientIP
            selector: {app: web}
            ports:
            - {name: t, port: 80, targetPort: 8080}
            - {name: u, port: 80, protocol: UDP, targetPort: 8080}
            - {name: other, port: 81, targetPort: 8080}
          """);
      String address = own.clusterIp("ports");
      List<Target> targets =
          List.of(Target.tcp(address, 80), Target.udp(address, 80), Target.tcp(address, 81));
      Place client = cluster.pod(NODE);
      for (int asked = 1; asked <= targets.size(); asked++) {
        String kept = first(client, targets.get(asked - 1));
        keeps(client, targets.get(asked - 1), kept);
        // then there is one entry for each that was asked, and not another
        assertThat(learned(client, before)).hasSize(asked);
        assertThat(learned(client, before).stream().map(LearnedFlow::group))
            .doesNotHaveDuplicates();
      }

      // and others, each with its own entry, are spread over the endpoints
      Set<String> drawn = new TreeSet<>();
      for (Place other : List.of(cluster.pod(1), cluster.pod(2), cluster.pod(3))) {
        targets.forEach(target -> drawn.add(first(other, target)));
      }
      for (int node = 1; node <= 3; node++) {
        for (Target target : targets) {
          drawn.add(first(cluster.node(node), target));
        }
      }
      assertThat(drawn).hasSizeGreaterThan(1);
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> assertThat(learned(cluster.pod(NODE), before)).hasSize(3));
    }
  }

  @Test
  void newConnectionsKeepItForLongerThanItsTimeAndAPauseEndsIt() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(timed(SHORT_SECONDS));
      Target target = Target.tcp(own.clusterIp("timed"), 80);
      Place client = cluster.pod(NODE);
      AtomicReference<List<LearnedFlow>> entry = new AtomicReference<>(List.of());
      AtomicReference<String> kept = new AtomicReference<>(first(client, target));
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(500))
          .until(() -> {
            String answerer = first(client, target);
            List<LearnedFlow> now = learned(client, before);
            List<LearnedFlow> last = entry.getAndSet(now);
            // A machine that stands still for two seconds is a pause: begin anew.
            if (last.isEmpty()
                || now.isEmpty()
                || now.getFirst().seconds() < last.getFirst().seconds()) {
              kept.set(answerer);
              return false;
            }
            assertThat(answerer).isEqualTo(kept.get());
            assertThat(now).singleElement().matches(f -> f.timeout() == SHORT_SECONDS);
            return now.getFirst().seconds() > 4 * SHORT_SECONDS;
          });

      await().atMost(LIMIT).until(() -> learned(client, before).isEmpty());
      // and a client without an entry gets any endpoint, sooner or later
      Set<String> drawn = new TreeSet<>();
      await()
          .atMost(LIMIT)
          .until(() -> {
            if (learned(client, before).isEmpty()) {
              drawn.add(pod(client, target));
            }
            return drawn.size() > 1;
          });
    }
  }

  @Test
  void anEstablishedConnectionDoesNotKeepIt() throws IOException {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(timed(SHORT_SECONDS));
      Target target = Target.tcp(own.clusterIp("timed"), 80);
      Place client = cluster.pod(NODE);
      var _ = first(client, target);
      try (KeptConnection connection = new KeptConnection(client, target)) {
        String answerer = answerer(connection);
        assertThat(answerer).isIn(ALL);
        await()
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(100))
            .until(() -> {
              assertThat(answerer(connection)).isEqualTo(answerer);
              return learned(client, before).isEmpty();
            });
        assertThat(answerer(connection)).isEqualTo(answerer);
      }
    }
  }

  @Test
  void itSurvivesThatTheAgentIsKilledAndStarted() {
    SandboxNode node = cluster.sandboxNode(NODE);
    Target target = target(scene, "affine", By.CLUSTER_IP, false);
    Place client = cluster.pod(NODE);
    String kept = first(client, target);
    List<LearnedFlow> before = LearnedFlow.of(node);
    assertThat(before).isNotEmpty();
    long start = System.nanoTime();

    node.agent().stop("KILL");
    keeps(client, target, kept);
    node.agent().start(JavaCommand.current());
    await().atMost(LIMIT).until(() -> node.agent().isReady());

    keeps(client, target, kept);
    double elapsed = (System.nanoTime() - start) / 1e9;
    List<LearnedFlow> after = LearnedFlow.of(node);
    for (LearnedFlow then : before) {
      assertThat(after)
          .anySatisfy(now -> {
            assertThat(now).isEqualTo(then.aged(now.seconds()));
            assertThat(now.seconds()).isGreaterThan(then.seconds() + elapsed - 0.5);
          });
    }
  }

  @Test
  void itEndsWithTheEndpointAndNoConnectionFails() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(timed(DAY_SECONDS));
      Target target = Target.tcp(own.clusterIp("timed"), 80);
      Place client = cluster.pod(NODE);
      String kept = first(client, target);

      own.setReady(kept, false);
      List<String> answered = new ArrayList<>();
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(10))
          .until(() -> {
            answered.add(pod(client, target)); // which fails if nobody answers
            return !answered.getLast().equals(kept);
          });
      String next = answered.getLast();
      keeps(client, target, next);
      assertThat(learned(client, before)).hasSize(1);

      // and it stays with the new one when the old one is back
      own.setReady(kept, true);
      own.apply(SERVICE.formatted("back", "", "198.51.100.122", "198.51.100.112"));
      own.answered(client, Target.tcp(own.clusterIp("back"), 80), ALL);
      keeps(client, target, next);
    }
  }

  @Test
  void aDayIsMoreThanTheSwitchCanTime() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(timed(DAY_SECONDS));
      Target target = Target.tcp(own.clusterIp("timed"), 80);
      Place client = cluster.pod(NODE);
      String kept = first(client, target);
      keeps(client, target, kept);
      assertThat(learned(client, before))
          .singleElement()
          .extracting(LearnedFlow::timeout)
          .isEqualTo(0);

      // when it becomes less than that, no client is remembered for a day any more
      own.apply(timed(SHORT_SECONDS));
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            var _ = pod(client, target);
            assertThat(learned(client, before))
                .singleElement()
                .extracting(LearnedFlow::timeout)
                .isEqualTo(SHORT_SECONDS);
          });
    }
  }

  @Test
  void nothingIsLeftOfAServiceThatHasItNoMore() {
    try (Scene own = cluster.scene()) {
      own.web(1, 2, 3);
      Set<String> before = groups();
      own.apply(timed(DAY_SECONDS));
      Target target = Target.tcp(own.clusterIp("timed"), 80);
      Place client = cluster.pod(NODE);
      keeps(client, target, first(client, target));

      own.apply(TIMED.formatted("sessionAffinity: None"));
      own.answered(client, target, ALL);
      assertThat(learned(client, before)).isEmpty();
    }
  }

  /** Who answers a client at first, when somebody does. */
  private static String first(Place client, Target target) {
    List<String> pods = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          if (client.ask(target) instanceof Reply.Answered(String pod, String _)) {
            pods.add(pod);
          }
          return !pods.isEmpty();
        });
    return pods.getFirst();
  }

  private static void keeps(Place client, Target target, String pod) {
    keeps(client, target, pod, TIMES);
  }

  private static void keeps(Place client, Target target, String pod, int times) {
    for (int i = 0; i < times; i++) {
      assertThat(pod(client, target)).as("%s asks %s", client, target).isEqualTo(pod);
    }
  }

  /** Who answers; the name of no pod if nobody does. */
  private static String pod(Place client, Target target) {
    Reply reply = client.ask(target);
    assertThat(reply).as("%s asks %s", client, target).isInstanceOf(Reply.Answered.class);
    return ((Reply.Answered) reply).pod();
  }

  private static String answerer(KeptConnection connection) throws IOException {
    String answer = connection.ask();
    return ALL.stream().filter(answer::contains).findFirst().orElse(answer);
  }

  /** The groups that the node has learned of, so as to leave them out. */
  private Set<String> groups() {
    Set<String> groups = new TreeSet<>();
    LearnedFlow.of(cluster.sandboxNode(NODE)).forEach(flow -> groups.add(flow.group()));
    return groups;
  }

  private List<LearnedFlow> learned(Place client, Set<String> leftOut) {
    return LearnedFlow.of(cluster.sandboxNode(NODE)).stream()
        .filter(flow -> flow.client().equals(client.address()))
        .filter(flow -> !leftOut.contains(flow.group()))
        .toList();
  }
}
