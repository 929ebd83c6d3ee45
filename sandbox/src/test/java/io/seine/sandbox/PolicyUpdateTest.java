package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Conversation.Kind;
import io.seine.sandbox.node.JavaCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * No moment in any update: while policies change at random around two paths, in ways that leave
 * their verdicts as they are, and while an agent dies and comes back, not one packet arrives on the
 * forbidden one and not one is lost on the allowed one, at a thousand a second, within a node and
 * between two.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class PolicyUpdateTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int PER_SECOND = 1000;
  private static final int CHANGES = 200;
  private static final long SEED = 20_261_121;
  private static final Duration APART = Duration.ofMillis(30);
  private static final Duration ON_ITS_WAY = Duration.ofMillis(500);

  private final ServiceCluster cluster;
  private final Scene scene;
  private final List<Conversation> allowed = new ArrayList<>();
  private final List<Conversation> forbidden = new ArrayList<>();
  private int port = 9000;

  PolicyUpdateTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void pods() {
    scene.pod("server", 1, "server", "{containerPort: 8080, name: http}");
    for (int node = 1; node <= 2; node++) {
      scene.pod("allowed-" + node, node, "allowed", "{containerPort: 8080}");
      scene.pod("forbidden-" + node, node, "forbidden", "{containerPort: 8080}");
      scene.pod("bystander-" + node, node, "bystander", "{containerPort: 8080, name: http}");
    }
    scene.awaitPods();
  }

  @AfterAll
  void end() {
    allowed.forEach(Conversation::close);
    forbidden.forEach(Conversation::close);
    PolicyChanges.clusterWide().forEach(scene::delete);
    scene.close();
  }

  @Test
  void neverLetsThroughWhatIsForbiddenNorStopsWhatIsAllowed() {
    // One forbidden connection has been a good one, the other has never been answered.
    Conversation once = start(Kind.UDP_ECHO, "forbidden-1");
    goesOn(once);
    PolicyChanges changes = new PolicyChanges(scene, new Random(SEED));
    changes.begin();
    for (int node = 1; node <= 2; node++) {
      scene.dropped(scene.place("forbidden-" + node), web());
      scene.answered(scene.place("allowed-" + node), web(), Set.of("server"));
    }
    allowed.add(start(Kind.UDP_ONE_WAY, "allowed-1"));
    allowed.add(start(Kind.UDP_ECHO, "allowed-2"));
    forbidden.add(once);
    forbidden.add(start(Kind.UDP_ONE_WAY, "forbidden-2"));
    allowed.forEach(PolicyUpdateTest::goesOn);
    List<Integer> first = allowed.stream().map(c -> c.arrivals().newest()).toList();
    SwitchDrops before = SwitchDrops.on(view().nodes());
    long begin = System.nanoTime();

    for (int i = 0; i < CHANGES; i++) {
      if (i == CHANGES / 2) {
        cluster.sandboxNode(1).agent().stop("KILL");
      }
      if (i == CHANGES / 2 + CHANGES / 8) {
        cluster.sandboxNode(1).agent().start(JavaCommand.current());
      }
      changes.next();
      LockSupport.parkNanos(APART.toNanos());
    }
    await().atMost(LIMIT).until(() -> cluster.sandboxNode(1).agent().isReady());

    List<Integer> last = allowed.stream().map(Conversation::sent).toList();
    LockSupport.parkNanos(ON_ITS_WAY.toNanos());
    SwitchDrops after = SwitchDrops.on(view().nodes());
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.err.printf(
        "%d changes in %.1f s, %s packets allowed, %s forbidden, %d that the switches did not take%n",
        CHANGES,
        seconds,
        last,
        forbidden.stream().map(Conversation::sent).toList(),
        after.since(before, (node, device) -> true));
    for (Conversation conversation : forbidden) {
      assertThat(conversation.arrivals().since(begin))
          .as("let through by some change of seed %d: %s", SEED, conversation)
          .isZero();
    }
    for (int i = 0; i < allowed.size(); i++) {
      Conversation conversation = allowed.get(i);
      assertThat(last.get(i) - first.get(i)).isGreaterThan((int) (seconds * PER_SECOND / 2));
      List<Integer> missing = conversation.arrivals().missing(first.get(i), last.get(i) - 1);
      assertThat((long) missing.size())
          .as("stopped by some change of seed %d: %s, %s", SEED, conversation, missing)
          .isLessThanOrEqualTo(i == 0 ? notTakenNear(before, after) : notTakenFar(before, after));
    }

    changes.undo();
    forbidden.forEach(PolicyUpdateTest::goesOn);
  }

  /** Lost on the way of the first allowed path, before its switch saw them. */
  private static long notTakenNear(SwitchDrops before, SwitchDrops after) {
    return after.since(
        before, (node, device) -> node.equals("node-1") && device.startsWith("allowed"));
  }

  /** The same of the second, to the other node and back. */
  private static long notTakenFar(SwitchDrops before, SwitchDrops after) {
    return after.since(
        before,
        (node, device) ->
            !device.startsWith("forbidd")
                && !(node.equals("node-1") && device.startsWith("allowed")));
  }

  private Target web() {
    return Target.tcp(scene.place("server").address(), 8080);
  }

  private Conversation start(Kind kind, String client) {
    Place server = scene.place("server");
    port++;
    return Conversation.start(
        kind,
        scene.place(client),
        server.namespace(),
        port,
        Target.udp(server.address(), port),
        PER_SECOND);
  }

  private static void goesOn(Conversation conversation) {
    int arrived = conversation.arrivals().count();
    await(conversation.toString())
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> conversation.arrivals().count() > arrived + 20);
  }
}
