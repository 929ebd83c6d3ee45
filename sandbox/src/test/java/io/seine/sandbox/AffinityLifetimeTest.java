package io.seine.sandbox;

import static io.seine.sandbox.AffinityProbe.first;
import static io.seine.sandbox.AffinityProbe.keeps;
import static io.seine.sandbox.AffinityProbe.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long a client keeps its endpoint: for as long as new connections come, and no longer than the
 * endpoint is there. Of three endpoints one is on each node; the client is a pod on node-3.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class AffinityLifetimeTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Set<String> ALL = Set.of("web-1", "web-2", "web-3");
  private static final int NODE = 3;
  private static final int SHORT_SECONDS = 2;
  private static final int DAY_SECONDS = 86_400;
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s}
      spec: {%s, selector: {app: web}, ports: [{name: t, port: 80, targetPort: 8080}]}
      """;

  private final ServiceCluster cluster;
  private Scene own;
  private AffinityProbe probe;
  private Place client;

  AffinityLifetimeTest(ServiceCluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void begin() {
    own = cluster.scene();
    own.web(1, 2, 3);
    probe = new AffinityProbe(cluster.sandboxNode(NODE));
    client = cluster.pod(NODE);
  }

  @AfterEach
  void end() {
    own.close();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  /** A service with one port and affinity for so long, in place of what there was of it. */
  private Target serve(int timeout) {
    own.apply(
        SERVICE.formatted(
            "timed",
            "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: %d}}"
                .formatted(timeout)));
    return Target.tcp(own.clusterIp("timed"), 80);
  }

  @Test
  void newConnectionsKeepItForLongerThanItsTimeAndAPauseEndsIt() {
    Target target = serve(SHORT_SECONDS);
    AtomicReference<List<LearnedFlow>> entry = new AtomicReference<>(List.of());
    AtomicReference<String> kept = new AtomicReference<>(first(client, target));
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> {
          String answerer = first(client, target);
          List<LearnedFlow> now = probe.learned(client);
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

    await().atMost(LIMIT).until(() -> probe.learned(client).isEmpty());
    // and a client without an entry gets any endpoint, sooner or later
    Set<String> drawn = new TreeSet<>();
    await()
        .atMost(LIMIT)
        .until(() -> {
          if (probe.learned(client).isEmpty()) {
            drawn.add(pod(client, target));
          }
          return drawn.size() > 1;
        });
  }

  @Test
  void anEstablishedConnectionDoesNotKeepIt() throws IOException {
    Target target = serve(SHORT_SECONDS);
    var _ = first(client, target);
    try (KeptConnection connection = new KeptConnection(client, target)) {
      String answerer = answerer(connection);
      assertThat(answerer).isIn(ALL);
      await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> {
            assertThat(answerer(connection)).isEqualTo(answerer);
            return probe.learned(client).isEmpty();
          });
      assertThat(answerer(connection)).isEqualTo(answerer);
    }
  }

  @Test
  void itSurvivesThatTheAgentIsKilledAndStarted() {
    Target target = serve(DAY_SECONDS / 8);
    String kept = first(client, target);
    LearnedFlow before = probe.learned(client).getFirst();
    SandboxNode node = cluster.sandboxNode(NODE);
    long start = System.nanoTime();

    node.agent().stop("KILL");
    keeps(client, target, kept);
    node.agent().start(JavaCommand.current());
    await().atMost(LIMIT).until(() -> node.agent().isReady());

    keeps(client, target, kept);
    double elapsed = (System.nanoTime() - start) / 1e9;
    assertThat(probe.learned(client))
        .singleElement()
        .satisfies(now -> {
          assertThat(now).isEqualTo(before.aged(now.seconds()));
          assertThat(now.seconds()).isGreaterThan(before.seconds() + elapsed - 0.5);
        });
  }

  @Test
  void itEndsWithTheEndpointAndNoConnectionFails() {
    Target target = serve(DAY_SECONDS);
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
    assertThat(probe.learned(client)).hasSize(1);

    // and it stays with the new one when the old one is back
    own.setReady(kept, true);
    own.apply(SERVICE.formatted("back", "sessionAffinity: None"));
    own.answered(client, Target.tcp(own.clusterIp("back"), 80), ALL);
    keeps(client, target, next);
  }

  @Test
  void aDayIsMoreThanTheSwitchCanTime() {
    Target target = serve(DAY_SECONDS);
    String kept = first(client, target);
    keeps(client, target, kept);
    assertThat(probe.learned(client)).singleElement().extracting(LearnedFlow::timeout).isEqualTo(0);

    // when it becomes less than that, no client is remembered for a day any more
    var _ = serve(SHORT_SECONDS);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          var _ = pod(client, target);
          assertThat(probe.learned(client))
              .singleElement()
              .extracting(LearnedFlow::timeout)
              .isEqualTo(SHORT_SECONDS);
        });
  }

  @Test
  void nothingIsLeftOfAServiceThatHasItNoMore() {
    Target target = serve(DAY_SECONDS);
    keeps(client, target, first(client, target));

    own.apply(SERVICE.formatted("timed", "sessionAffinity: None"));
    own.answered(client, target, ALL);
    assertThat(probe.learned(client)).isEmpty();
  }

  private static String answerer(KeptConnection connection) throws IOException {
    String answer = connection.ask();
    return ALL.stream().filter(answer::contains).findFirst().orElse(answer);
  }
}
