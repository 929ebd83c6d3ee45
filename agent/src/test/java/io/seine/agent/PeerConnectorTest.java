package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.host.TunnelNeighbours;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.PeerNode;
import io.seine.reconcile.ReconcileListener;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeerConnectorTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final LocalNode NODE =
      LocalNode.of("here", Ip.parse("172.18.0.2"), IpPrefix.parse("10.244.0.0/24"), List.of());
  private final Reconciler reconciler = new Reconciler(new GroupIds(), new ReconcileListener() {});
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private volatile TunnelNeighbours tunnel = (peer, patience) -> asked.add(peer.toString());
  private final PeerConnector peers =
      new PeerConnector(
          NODE, reconciler, (peer, patience) -> tunnel.prime(peer, patience), routes -> {});

  @AfterEach
  void close() {
    peers.close();
    reconciler.close();
  }

  @Test
  void thePeersOfTheStartHaveTheirFlowsAtOnceAndAreAskedWhenTheSwitchForwards() throws Exception {
    peers.put(peer(1));
    peers.put(peer(2));
    assertThat(reconciler.status().owners()).isEqualTo(2);
    assertThat(asked).isEmpty();

    peers.primeAll(LONG);

    assertThat(asked).containsExactlyInAnyOrder("172.18.1.1", "172.18.1.2");
  }

  @Test
  void aLaterPeerHasItsFlowsWhenItHasAnswered() throws Exception {
    peers.primeAll(LONG);
    CountDownLatch answer = new CountDownLatch(1);
    tunnel =
        (peer, patience) -> {
          asked.add(peer.toString());
          answer.await();
        };
    peers.put(peer(3));
    await().until(() -> asked.contains("172.18.1.3"));
    assertThat(reconciler.status().owners()).isZero();

    answer.countDown();

    await().until(() -> reconciler.status().owners() == 1);
  }

  @Test
  void aPeerThatDoesNotAnswerHasItsFlowsAndIsAskedAgain() throws Exception {
    tunnel =
        (peer, patience) -> {
          asked.add(peer.toString());
          throw new IOException("no answer");
        };
    peers.put(peer(4));
    peers.primeAll(LONG);
    assertThat(peers.silent()).containsExactly("node-4");
    assertThat(reconciler.status().owners()).isEqualTo(1);

    tunnel = (peer, patience) -> asked.add(peer.toString());
    peers.primeSilent();

    await().until(() -> peers.silent().isEmpty());
    assertThat(asked).hasSize(2);
  }

  @Test
  void theWaitForPeersEndsThoughOneOfThemNeverSaysAnything() throws Exception {
    tunnel = (peer, patience) -> never.await();
    peers.put(peer(5));

    peers.primeAll(Duration.ofMillis(50));

    assertThat(reconciler.status().owners()).isEqualTo(1);
  }

  private static PeerNode peer(int number) {
    return new PeerNode(
        "node-" + number,
        Ip.parse("172.18.1." + number),
        IpPrefix.parse("10.244." + number + ".0/24"));
  }
}
