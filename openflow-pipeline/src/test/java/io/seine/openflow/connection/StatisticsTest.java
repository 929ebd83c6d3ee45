package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a real switch tells of its flows, and that it is told as it comes. */
@Tag("system")
class StatisticsTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final OvsInstance ovs = OvsInstance.start();

  @SuppressWarnings("NullAway.Init")
  private OpenFlowConnection connection;

  @BeforeEach
  void start() throws Exception {
    ovs.addBridge("br0");
    connection = OpenFlowConnection.connect(ovs.mgmt("br0"));
  }

  @AfterEach
  void stop() {
    connection.close();
    ovs.close();
  }

  private static Change flow(int table, int address, long cookie) {
    Match match = Match.of(SampleFlows.IP, FieldMatch.exact(Field.IPV4_DST, address));
    return new Change.AddFlow(new Flow(table, 1, match, List.of()), cookie);
  }

  @Test
  void aFlowGrowsIdle() throws Exception {
    connection.commit(List.of(flow(0, 1, 1)));
    await()
        .atMost(SOON)
        .until(
            () -> connection.dumpFlows().getFirst().idle().compareTo(Duration.ofSeconds(1)) >= 0);
    InstalledFlow flow = connection.dumpFlows().getFirst();
    assertThat(flow.idle()).isBetween(Duration.ofSeconds(1), flow.age().plusSeconds(1));
  }

  @Test
  void oneTableAndOneKindOfCookieCanBeAskedFor() throws Exception {
    connection.commit(
        List.of(flow(1, 1, 0x5e1f000000000001L), flow(1, 2, 0x5e14000000000001L), flow(2, 1, 7)));
    assertThat(connection.dumpFlows(1)).hasSize(2).allMatch(f -> f.flow().table() == 1);
    assertThat(connection.dumpFlows(1, 0x5e1f000000000000L, 0xffff000000000000L))
        .singleElement()
        .satisfies(f -> assertThat(f.cookie()).isEqualTo(0x5e1f000000000001L));
    assertThat(connection.dumpFlows(3)).isEmpty();
  }

  @Test
  void aLargeSwitchIsVisitedPartByPart() throws Exception {
    int flows = 3000;
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < flows; i++) {
      changes.add(flow(1, i, i));
      changes.add(
          new Change.AddGroup(
              new Group(
                  i + 1,
                  Group.Type.SELECT,
                  Optional.empty(),
                  List.of(new Group.Bucket(1, 1, List.of(new Action.Output(1)))))));
    }
    connection.commit(changes);
    AtomicInteger visited = new AtomicInteger();
    connection.visitFlows(f -> {
      // A visitor may itself use the connection: it runs on the thread that asked.
      if (visited.incrementAndGet() == 5) {
        barrier();
      }
    });
    assertThat(visited).hasValue(flows);
    assertThat(connection.dumpFlows()).hasSize(flows);
    assertThat(connection.dumpGroups()).hasSize(flows);
  }

  private void barrier() {
    try {
      connection.barrier();
    } catch (io.seine.openflow.SwitchException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aVisitorThatFailsHarmsNobodyElse() throws Exception {
    connection.commit(List.of(flow(1, 1, 1)));
    assertThatThrownBy(() ->
            connection.visitFlows(f -> {
              throw new IllegalStateException("seen enough");
            }))
        .hasMessage("seen enough");
    assertThat(connection.dumpFlows()).hasSize(1);
  }

  @Test
  void aMeterIsThereOnConnectingWithTheRateLastAskedFor() throws Exception {
    for (int rate : List.of(100, 100, 50)) {
      ConnectionOptions options =
          ConnectionOptions.DEFAULT.withMeter(new ConnectionOptions.Meter(1, rate, 20));
      try (OpenFlowConnection metered = OpenFlowConnection.connect(ovs.mgmt("br0"), options)) {
        assertThat(metered.isOpen()).isTrue();
        assertThat(ovs.ofctl("dump-meters", "br0"))
            .containsOnlyOnce("meter=")
            .contains("meter=1 pktps burst", "rate=" + rate + " burst_size=20");
      }
    }
  }

  @Test
  void aSwitchWithoutRoomForTheMeterIsUsedWithout() throws Exception {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.withMeter(new ConnectionOptions.Meter(0xffff0001, 100, 20));
    try (OpenFlowConnection connected = OpenFlowConnection.connect(ovs.mgmt("br0"), options)) {
      assertThat(connected.isOpen()).isTrue();
      assertThat(ovs.ofctl("dump-meters", "br0")).doesNotContain("meter=");
    }
  }
}
