package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.FrameSocket;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Rule;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Thousands of flows that change together on a real Open vSwitch, while packets pass: each packet
 * meets either all of the old ones or all of the new ones.
 */
@Tag("system")
class TogetherOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int FLOWS = 5000;
  private static final int FIRST_PORT = 10_000;
  private static final int UNDER_WAY = 64;
  private static final int CHANGES = 6;
  private static final Ip FROM = Ip.parse("10.0.1.2");
  private static final Ip TO = Ip.parse("10.0.1.3");

  private final String bridge = "tog" + UUID.randomUUID().toString().substring(0, 8);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final OvsInstance ovs = OvsInstance.start();

  @AfterEach
  void stop() throws Exception {
    try {
      for (AutoCloseable closeable : open.reversed()) {
        closeable.close();
      }
    } finally {
      ovs.close();
    }
  }

  private OpenFlowConnection bridge() {
    ovs.addBridge(bridge);
    for (int port : List.of(5, 6)) {
      String name = "p" + port;
      ovs.vsctl(
          "add-port",
          bridge,
          name,
          "--",
          "set",
          "interface",
          name,
          "type=internal",
          "ofport_request=" + port);
      ovs.inNamespace("ip", "link", "set", name, "up");
    }
    OpenFlowConnection connection =
        await()
            .atMost(SOON)
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
    open.add(connection);
    return connection;
  }

  /** A flow for each source port that sets a class, and one that knows what the class means. */
  private static Map<Owner, Optional<FlowSource>> version(int version) {
    Map<Owner, Optional<FlowSource>> all = new HashMap<>();
    for (int i = 0; i < FLOWS; i++) {
      put(
          all,
          "peer" + i,
          Rule.in(Table.EGRESS_PEERS, 100)
              .ip(Family.IPV4)
              .protocol(17)
              .when(FieldMatch.exact(Field.UDP_SRC, FIRST_PORT + i))
              .then(Registers.PEER_CLASS.set(version), Rule.goTo(Table.EGRESS_NETWORK_POLICY)));
    }
    put(
        all,
        "class",
        Rule.in(Table.EGRESS_NETWORK_POLICY, 100)
            .ip(Family.IPV4)
            .protocol(17)
            .when(Registers.PEER_CLASS.is(version))
            .then(Action.SetField.of(Field.UDP_DST, version), new Action.Output(6)));
    return all;
  }

  private static void put(Map<Owner, Optional<FlowSource>> all, String name, Flow flow) {
    FlowSet set = new FlowSet(List.of(flow), List.of());
    all.put(new Owner.PolicyTerm("peer", name), Optional.of(() -> set));
  }

  @Test
  void noPacketSeesHalfOfAChange() throws Exception {
    Reconciler reconciler = new Reconciler(new GroupIds(), ReconcileListener.NONE);
    open.add(reconciler);
    Flow in =
        new Flow(
            Table.CLASSIFIER.number(),
            1,
            Match.of(FieldMatch.exact(Field.IN_PORT, 5)),
            List.of(Rule.goTo(Table.EGRESS_PEERS)));
    FlowSet base = new FlowSet(List.of(in), List.of());
    reconciler.put(new Owner.Base(), base);
    reconciler.put(version(1));
    reconciler.initialSyncComplete();
    reconciler.connected(bridge());
    assertThat(reconciler.awaitConverged(SOON)).isTrue();

    AtomicBoolean enough = new AtomicBoolean();
    FutureTask<Map<Integer, Integer>> traffic = new FutureTask<>(traffic(enough));
    Thread.ofPlatform().name("traffic").start(traffic);
    for (int change = 0; change < CHANGES; change++) {
      Map<Owner, Optional<FlowSource>> next = version(change % 2 == 0 ? 2 : 1);
      reconciler.put(next);
      reconciler.awaitInstalled(next.keySet(), SOON);
    }
    enough.set(true);

    Map<Integer, Integer> seen = traffic.get(60, TimeUnit.SECONDS);
    assertThat(seen).containsOnlyKeys(1, 2);
  }

  /**
   * Sends without a pause, and counts what comes by the version it has met; fails if one is lost.
   */
  private Callable<Map<Integer, Integer>> traffic(AtomicBoolean enough) {
    return () -> {
      Map<Integer, Integer> seen = new TreeMap<>();
      try (FrameSocket out = FrameSocket.open(ovs.namespace(), "p5");
          FrameSocket in = FrameSocket.open(ovs.namespace(), "p6")) {
        int sent = 0;
        int came = 0;
        while (!enough.get() || came < sent) {
          while (!enough.get() && sent - came < UNDER_WAY) {
            int port = FIRST_PORT + sent % FLOWS;
            out.send(Packets.udp(FROM.value(), port, TO.value(), 9));
            sent++;
          }
          byte[] frame =
              in.receive(Duration.ofSeconds(20))
                  .orElseThrow(() -> new AssertionError("a packet saw half of a change"));
          if (frame.length >= 42 && frame[12] == 0x08 && frame[13] == 0 && frame[23] == 17) {
            came++;
            seen.merge((frame[36] & 0xff) << 8 | (frame[37] & 0xff), 1, Integer::sum);
          }
        }
      }
      return seen;
    };
  }
}
