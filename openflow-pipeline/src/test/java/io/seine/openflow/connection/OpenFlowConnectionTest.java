package io.seine.openflow.connection;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Match;
import io.seine.openflow.PacketIn;
import io.seine.openflow.PortDescription;
import io.seine.openflow.Ports;
import io.seine.openflow.RefusedException;
import io.seine.openflow.SwitchException;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import io.seine.openflow.wire.Messages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The connection against a real switch. */
@Tag("system")
class OpenFlowConnectionTest {
  private static final Flow GOOD =
      new Flow(3, 10, Match.of(SampleFlows.IP), List.of(new Action.Output(1)));

  // A TCP port without a protocol: the switch refuses it as soon as it sees it.
  private static final Flow NO_PREREQUISITE =
      new Flow(3, 11, Match.of(FieldMatch.exact(Field.TCP_DST, 80)), List.of());

  // A group that does not exist: the switch finds out when it commits.
  private static final Flow NO_GROUP = new Flow(3, 12, Match.ANY, List.of(new Action.Group(4711)));

  private OvsInstance ovs = OvsInstance.start();
  private OpenFlowConnection connection = unconnected();

  // Replaced before each test; NullAway wants a value.
  private OpenFlowConnection unconnected() {
    ovs.addBridge("br0");
    try {
      return OpenFlowConnection.connect(
          ovs.mgmt("br0"), ConnectionOptions.DEFAULT.withControllerId(7));
    } catch (SwitchException e) {
      ovs.close();
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void isFresh() throws Exception {
    assertThat(connection.dumpFlows()).isEmpty();
  }

  @AfterEach
  void stop() {
    connection.close();
    ovs.close();
  }

  @Test
  void shouldKnowTheBridgeAndItsPorts() throws Exception {
    assertThat(connection.name()).isEqualTo("br0");
    assertThat(ovs.vsctl("get", "bridge", "br0", "datapath_id"))
        .contains("%016x".formatted(connection.datapathId()));
    assertThat(connection.dumpPorts())
        .extracting(PortDescription::name, PortDescription::number)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("br0", Ports.LOCAL));
  }

  @Test
  void shouldNameTheChangeThatTheSwitchRefusesAndApplyNothing() throws Exception {
    for (Flow bad : List.of(NO_PREREQUISITE, NO_GROUP)) {
      // when a bundle holds one bad flow between good ones
      List<Change> changes =
          List.of(
              new Change.AddFlow(GOOD, 1),
              new Change.AddFlow(bad, 2),
              new Change.AddGroup(new Group(1, Group.Type.ALL, Optional.empty(), List.of())));

      // then it is named, in words, and with the error of the switch
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(() -> connection.commit(changes))
          .withMessageContaining("flow add cookie=0x2, table=3, priority=" + bad.priority())
          .withMessageContaining("all 3 changes")
          .satisfies(
              e -> assertThat(e.change()).contains(new Change.AddFlow(bad, 2)),
              e -> assertThat(e.error()).matches("OFPBMC_BAD_PREREQ|OFPBAC_BAD_OUT_GROUP"));

      // and nothing of the bundle is there
      assertThat(connection.dumpFlows()).isEmpty();
      assertThat(connection.dumpGroups()).isEmpty();
    }
    // and the connection goes on
    connection.commit(List.of(new Change.AddFlow(GOOD, 1)));
    assertThat(connection.dumpFlows()).hasSize(1);
  }

  @Test
  void shouldRefuseAGroupThatExists() throws Exception {
    Group group = new Group(1, Group.Type.ALL, Optional.empty(), List.of());
    connection.commit(List.of(new Change.AddGroup(group)));
    assertThatThrownBy(() -> connection.commit(List.of(new Change.AddGroup(group))))
        .hasMessageContaining("group add group_id=1,type=all")
        .hasMessageContaining("OFPGMFC_GROUP_EXISTS");
  }

  @Test
  void shouldApplyTheChangesOfABundleInOrder() throws Exception {
    Group group = new Group(5, Group.Type.ALL, Optional.empty(), List.of());
    Flow user = new Flow(0, 1, Match.ANY, List.of(new Action.Group(5)));
    // a flow may use the group added before it, and what is deleted can be added anew
    connection.commit(
        List.of(
            new Change.AddGroup(group),
            new Change.AddFlow(user, 1),
            new Change.DeleteGroup(5),
            new Change.AddGroup(group),
            new Change.AddFlow(GOOD, 1)));
    assertThat(connection.dumpFlows()).extracting(f -> f.flow()).containsExactly(GOOD);
    assertThat(connection.dumpGroups()).containsExactly(group);
  }

  @Test
  void shouldSplitAGroupThatExceedsAMessage() throws Exception {
    // given a group whose buckets do not fit one message of a bundle, but do fit a description
    Group group = groupOf(800);
    assertThat(Messages.split(new Change.AddGroup(group))).hasSize(2);
    // when it is added, then replaced, then it is there as a whole
    connection.commit(List.of(new Change.AddGroup(group)));
    assertThat(connection.dumpGroups()).containsExactly(group);
    connection.commit(List.of(new Change.ModifyGroup(group)));
    assertThat(connection.dumpGroups()).containsExactly(group);
  }

  @Test
  void shouldRefuseAGroupThatWouldMakeTheSwitchEndItself() throws Exception {
    Group group = groupOf(1500);
    assertThatThrownBy(() ->
            connection.commit(List.of(new Change.AddFlow(GOOD, 1), new Change.AddGroup(group))))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("spread the buckets over several groups");
    assertThat(connection.dumpFlows()).isEmpty();
    assertThat(connection.dumpGroups()).isEmpty();
  }

  private static Group groupOf(int size) {
    List<Group.Bucket> buckets = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      buckets.add(
          new Group.Bucket(
              i,
              1,
              List.of(
                  Action.Ct.of(20, 65520)
                      .withCommit(Action.SetField.masked(Field.CT_MARK, 0x10, 0x10))
                      .withNat(Action.Nat.destination(Bits.of(0x0a000000 + i, 4), 8080)))));
    }
    return new Group(1, Group.Type.SELECT, Optional.empty(), buckets);
  }

  @Test
  void shouldHandOverPacketsWithTheirUserdataAndRegisters() throws Exception {
    BlockingQueue<PacketIn> packets = new LinkedBlockingQueue<>();
    connection.onPacketIn(packets::add);
    // given a flow that sends to this controller
    Bits userdata = Bits.of(0x5e1e000102L, 5);
    connection.commit(
        List.of(
            new Change.AddFlow(
                new Flow(
                    0,
                    1,
                    Match.ANY,
                    List.of(
                        Action.SetField.of(Field.REG3, 0x0a000001),
                        Action.SetField.masked(Field.REG0, 0x12, 0xff),
                        new Action.GotoTable(4))),
                0),
            new Change.AddFlow(
                new Flow(4, 1, Match.ANY, List.of(Action.Controller.of(7, userdata))), 99)));

    // when a packet meets it
    byte[] packet = new byte[60];
    packet[5] = 2;
    packet[11] = 1;
    packet[12] = 0x08;
    connection.packetOut(Ports.LOCAL, List.of(new Action.Resubmit(0, OptionalInt.empty())), packet);

    // then it comes with all that the pipeline knew of it
    PacketIn seen = Optional.ofNullable(packets.poll(10, SECONDS)).orElseThrow();
    assertThat(seen.inPort()).isEqualTo(Ports.LOCAL);
    assertThat(seen.userdata()).isEqualTo(userdata);
    assertThat(seen.cookie()).isEqualTo(99);
    assertThat(seen.table()).isEqualTo(4);
    assertThat(seen.reason()).isEqualTo(Action.Controller.ACTION);
    assertThat(seen.data()).isEqualTo(Bits.of(packet));
    assertThat(seen.totalLength()).isEqualTo(60);
    assertThat(seen.metadata().get(Field.REG3)).contains(FieldMatch.exact(Field.REG3, 0x0a000001));
  }

  @Test
  void shouldEndWhenTheSwitchDies() throws Exception {
    CompletableFuture<SwitchException> reason = new CompletableFuture<>();
    connection.onDisconnect(reason::complete);
    ovs.killVswitchd();
    assertThat(reason.get(10, SECONDS)).hasMessageContaining("br0");
    assertThat(connection.isOpen()).isFalse();
    assertThatThrownBy(connection::dumpFlows).isInstanceOf(SwitchException.class);
  }

  @Test
  void shouldFailWhatWaitsWhenTheSwitchHangs() throws Exception {
    // given a connection that notices soon, and a switch that has stopped
    try (OpenFlowConnection quick =
        OpenFlowConnection.connect(
            ovs.mgmt("br0"), ConnectionOptions.DEFAULT.withKeepAlive(Duration.ofMillis(300)))) {
      ovs.pauseVswitchd();
      try {
        // then a dump does not wait for ever, and the connection has ended
        assertThatThrownBy(quick::dumpFlows).hasMessageContaining("not answered an echo");
        assertThat(quick.isOpen()).isFalse();
      } finally {
        ovs.resumeVswitchd();
      }
    }
  }

  @Test
  void shouldConnectAgainAndAgain() throws Exception {
    AtomicReference<Optional<OpenFlowConnection>> current = new AtomicReference<>(Optional.empty());
    OpenFlowClient.Listener listener =
        new OpenFlowClient.Listener() {
          @Override
          public void connected(OpenFlowConnection connection) {
            current.set(Optional.of(connection));
          }

          @Override
          public void disconnected(SwitchException reason) {
            current.set(Optional.empty());
          }
        };
    try (OpenFlowClient client =
        OpenFlowClient.start(ovs.mgmt("br0"), ConnectionOptions.DEFAULT, listener)) {
      for (int i = 0; i < 3; i++) {
        await().atMost(20, SECONDS).until(() -> current.get().isPresent());
        ovs.killVswitchd();
        await().atMost(20, SECONDS).until(() -> current.get().isEmpty());
        ovs.startVswitchd();
      }
      await().atMost(20, SECONDS).until(() -> current.get().isPresent());
      assertThat(current.get().orElseThrow().dumpFlows()).isEmpty();
      assertThat(client).isNotNull();
    }
    // and closing it ends the connection
    assertThat(current.get()).isEmpty();
  }

  @Test
  void shouldSayWhatIsWrongWithTheBridge() {
    assertThatThrownBy(() -> OpenFlowConnection.connect(ovs.mgmt("nobridge")))
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("does the bridge exist");
    ovs.vsctl("set", "bridge", "br0", "protocols=OpenFlow13");
    assertThatThrownBy(() -> OpenFlowConnection.connect(ovs.mgmt("br0")))
        .isInstanceOf(SwitchException.class)
        .hasMessageContaining("protocols=OpenFlow15");
  }

  @Test
  void shouldKeepWhatItDoesNotKnow() throws Exception {
    // given flows of someone else, with actions and fields that Seine does not use
    for (String text :
        List.of(
            "table=9,priority=1,actions=bundle(eth_src,0,hrw,ofport,members:1,2)",
            "table=9,priority=2,ip,actions=clone(dec_ttl,output:1),write_metadata:0x5",
            "table=9,priority=3,tcp,actions=fin_timeout(idle_timeout=5),push:NXM_NX_REG0[]",
            "table=9,priority=4,tun_metadata0,actions=check_pkt_larger(1400)->NXM_NX_REG0[0]",
            "table=9,priority=5,vlan_tci=0x1000/0x1fff,actions=write_actions(output:3)",
            "table=9,priority=6,ip,actions=group:77,enqueue:1:2,set_queue:3")) {
      if (text.contains("tun_metadata0")) {
        ovs.ofctl("add-tlv-map", "br0", "{class=0xffff,type=0,len=4}->tun_metadata0");
      }
      if (text.contains("group:77")) {
        ovs.ofctl("add-group", "br0", "group_id=77,type=ff,bucket=watch_port:1,actions=output:1");
      }
      ovs.ofctl("add-flow", "br0", text);
    }
    List<String> before = ovs.ofctl("--no-stats", "dump-flows", "br0").lines().toList();

    // when they are read, taken away and written again
    List<Change> again = new ArrayList<>();
    connection
        .dumpFlows()
        .forEach(f -> {
          again.add(new Change.DeleteFlow(f.flow().key()));
          again.add(new Change.AddFlow(f.flow(), f.cookie()));
        });
    assertThat(again).hasSize(12);
    connection.commit(again);

    // then nothing has changed
    assertThat(ovs.ofctl("--no-stats", "dump-flows", "br0").lines())
        .containsExactlyInAnyOrderElementsOf(before);
  }
}
