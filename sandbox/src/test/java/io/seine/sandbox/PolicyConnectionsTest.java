package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Conversation.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a change of policy does to connections that are established: one that it forbids stops
 * within a second, on every protocol and whoever speaks on it; one that stays allowed loses
 * nothing; and when it is allowed again it goes on.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class PolicyConnectionsTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration AT_ONCE = Duration.ofSeconds(1);
  private static final Duration WATCHED = Duration.ofMillis(700);
  private static final int PER_SECOND = 50;
  private static final Set<Kind> BY_SERVICE =
      EnumSet.of(Kind.TCP, Kind.UDP_ECHO, Kind.UDP_PUSH, Kind.UDP_ONE_WAY);
  private final ServiceCluster cluster;
  private final Scene scene;
  private final List<Conversation> cut = new ArrayList<>();
  private final List<Conversation> kept = new ArrayList<>();
  private int port = 9000;

  PolicyConnectionsTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** What forbids the clients of the app {@code cut} to reach the server, and nothing else. */
  enum Change {
    A_POLICY_OF_THE_SERVER(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: change}
        spec:
          podSelector: {matchLabels: {app: server}}
          ingress: [{from: [{podSelector: {matchLabels: {app: kept}}}]}]
        """),
    A_POLICY_OF_THE_CLIENT(
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: change}
        spec:
          podSelector: {matchLabels: {app: cut}}
          policyTypes: [Egress]
        """),
    A_CLUSTER_WIDE_POLICY(
        """
        apiVersion: policy.networking.k8s.io/v1alpha2
        kind: ClusterNetworkPolicy
        metadata: {name: change}
        spec:
          tier: Admin
          priority: 5
          subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: server}}}}
          ingress:
          - action: Deny
            from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: cut}}}}]
        """);

    private final String policy;

    Change(String policy) {
      this.policy = policy;
    }
  }

  @BeforeAll
  void talk() {
    scene.pod("server", 1, "server", "{containerPort: 8080}");
    for (int node = 1; node <= 2; node++) {
      scene.pod("cut-" + node, node, "cut", "{containerPort: 8080}");
      scene.pod("kept-" + node, node, "kept", "{containerPort: 8080}");
    }
    scene.awaitPods();
    Place server = scene.place("server");
    Map<Integer, Kind> behindService = new HashMap<>();
    for (String client : List.of("cut-1", "kept-1", "cut-2", "kept-2")) {
      for (Kind kind : Kind.values()) {
        start(client, kind, server, Target.udp(server.address(), ++port));
      }
      for (Kind kind : BY_SERVICE) {
        behindService.put(++port, kind);
      }
    }
    behindService(behindService, server);
  }

  /** One service with a port for each conversation. */
  private void behindService(Map<Integer, Kind> ports, Place server) {
    StringBuilder manifest =
        new StringBuilder(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: server}
            spec:
              selector: {app: server}
              ports:
              - {name: web, port: 80, targetPort: 8080}
            """);
    ports.forEach((number, kind) ->
        manifest.append(
            "  - {name: p%1$d, port: %2$d, targetPort: %1$d, protocol: %3$s}%n"
                .formatted(number, number + 1000, kind == Kind.TCP ? "TCP" : "UDP")));
    scene.apply(manifest.toString());
    String address = scene.clusterIp("server");
    for (String client : List.of("cut-1", "cut-2")) {
      scene.answered(scene.place(client), Target.tcp(address, 80), Set.of("server"));
    }
    List<String> clients = List.of("cut-1", "kept-1", "cut-2", "kept-2");
    List<Integer> numbers = ports.keySet().stream().sorted().toList();
    for (int i = 0; i < numbers.size(); i++) {
      port = numbers.get(i);
      Kind kind = Objects.requireNonNull(ports.get(port));
      start(clients.get(i / BY_SERVICE.size()), kind, server, Target.udp(address, port + 1000));
    }
  }

  private void start(String client, Kind kind, Place server, Target target) {
    Conversation made =
        Conversation.start(kind, scene.place(client), server.namespace(), port, target, PER_SECOND);
    (client.startsWith("cut") ? cut : kept).add(made);
  }

  @AfterAll
  void end() {
    cut.forEach(Conversation::close);
    kept.forEach(Conversation::close);
    for (Change change : Change.values()) {
      scene.delete(change.policy);
    }
    scene.close();
  }

  @ParameterizedTest
  @EnumSource
  void stopsWhatItForbidsWithinASecondAndNothingElse(Change change) {
    cut.forEach(PolicyConnectionsTest::goesOn);
    kept.forEach(PolicyConnectionsTest::goesOn);
    Map<Conversation, Integer> before = new HashMap<>();
    kept.forEach(conversation -> before.put(conversation, conversation.arrivals().newest()));

    List<Conversation> notStopped;
    try {
      scene.apply(change.policy);
      long stopped = System.nanoTime() + AT_ONCE.toNanos();
      parkUntil(stopped + WATCHED.toNanos());
      notStopped = cut.stream().filter(c -> c.arrivals().since(stopped) > 0).toList();
    } finally {
      scene.delete(change.policy);
    }

    assertThat(notStopped).as("something arrived a second after it was forbidden").isEmpty();
    cut.forEach(PolicyConnectionsTest::goesOn);
    kept.forEach(PolicyConnectionsTest::goesOn);
    Map<Conversation, List<Integer>> lost = new HashMap<>();
    for (Conversation conversation : kept) {
      assertThat(conversation.failure()).as(conversation.toString()).isEmpty();
      int first = Objects.requireNonNull(before.get(conversation));
      Arrivals arrivals = conversation.arrivals();
      lost.put(conversation, arrivals.missing(first, arrivals.newest()));
    }
    assertThat(lost)
        .as("lost, though it was allowed all the time")
        .allSatisfy((c, numbers) -> assertThat(numbers).isEmpty());
  }

  private static void goesOn(Conversation conversation) {
    int arrived = conversation.arrivals().count();
    await(conversation.toString())
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> conversation.arrivals().count() > arrived + 5);
  }

  private static void parkUntil(long moment) {
    for (long left = moment - System.nanoTime(); left > 0; left = moment - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
