package io.seine.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.ovsdb.OvsdbException.Reason;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent's bridge on a real ovsdb-server and ovs-vswitchd. */
@Tag("system")
class BridgeManagerSystemTest {
  private static OvsFixture ovs;

  @BeforeAll
  static void start() {
    ovs = new OvsFixture();
  }

  @AfterAll
  static void stop() {
    ovs.close();
  }

  @BeforeEach
  void emptyBridge() {
    ovs.bridge();
    for (PodPort port : ovs.manager.podPorts()) {
      ovs.manager.deletePort(port.name());
    }
  }

  @Test
  void aBridgeIsMadeOnceAndRepaired() {
    // given the bridge
    BridgeRow first = ovs.bridge();
    assertThat(first.failMode()).contains("secure");
    assertThat(first.protocols()).containsExactlyInAnyOrder("OpenFlow10", "OpenFlow15");
    assertThat(first.otherConfig()).containsEntry("disable-in-band", "true");
    assertThat(first.datapathId().orElseThrow()).matches("[0-9a-f]{16}");
    assertThat(ovs.ovs.ofctl("show", "unix:" + ovs.ovs.mgmt("br-int")))
        .contains("OFPT_FEATURES_REPLY (OF1.5)");
    assertThat(ovs.ovs.ofctl("dump-flows", "unix:" + ovs.ovs.mgmt("br-int")))
        .doesNotContain("NORMAL");

    // when someone alters it, keeping a key of their own
    ovs.ovs.vsctl(
        "set",
        "bridge",
        "br-int",
        "fail_mode=standalone",
        "other_config:disable-in-band=false",
        "other_config:theirs=1");
    ovs.session
        .cache()
        .await(
            "the change",
            s -> s.bridge("br-int").orElseThrow().otherConfig().containsKey("theirs"),
            OvsFixture.TIMEOUT);

    // then the same call puts right what is ours, on the same row
    BridgeRow repaired = ovs.bridge();
    assertThat(repaired.uuid()).isEqualTo(first.uuid());
    assertThat(repaired.failMode()).contains("secure");
    assertThat(repaired.otherConfig())
        .containsExactlyInAnyOrderEntriesOf(Map.of("disable-in-band", "true", "theirs", "1"));
  }

  @Test
  void tunnelAndGatewayGetTheirPortsAndKeepThem() {
    // when
    PortSpec tunnel = PortSpec.tunnel("tun0", "geneve", 1, Map.of("csum", "true"));
    PortSpec gateway = PortSpec.internal("gw0", 2, "0a:58:0a:2a:00:01", 1400);
    InterfaceRow tun0 = ovs.manager.ensurePort(tunnel);
    InterfaceRow gw0 = ovs.manager.ensurePort(gateway);

    // then
    assertThat(tun0.ofport()).hasValue(1);
    assertThat(tun0.options())
        .isEqualTo(Map.of("remote_ip", "flow", "key", "flow", "csum", "true"));
    assertThat(gw0.ofport()).hasValue(2);
    ovs.session
        .cache()
        .await(
            "gw0's MAC and MTU",
            s ->
                s.interfaceNamed("gw0")
                    .filter(row ->
                        row.macInUse().equals(Optional.of("0a:58:0a:2a:00:01"))
                            && row.mtu().equals(OptionalInt.of(1400)))
                    .isPresent(),
            OvsFixture.TIMEOUT);

    // and the same call changes nothing, while another type is put in place on the same row
    assertThat(ovs.manager.ensurePort(gateway).uuid()).isEqualTo(gw0.uuid());
    InterfaceRow vxlan = ovs.manager.ensurePort(PortSpec.tunnel("tun0", "vxlan", 1, Map.of()));
    assertThat(vxlan.uuid()).isEqualTo(tun0.uuid());
    assertThat(vxlan.type()).isEqualTo("vxlan");
    assertThat(vxlan.options()).isEqualTo(Map.of("remote_ip", "flow", "key", "flow"));
  }

  @Test
  void aPortOfAnotherBridgeIsNotTaken() {
    ovs.ovs.vsctl("add-br", "br-other", "--", "set", "bridge", "br-other", "datapath_type=netdev");
    ovs.ovs.vsctl(
        "add-port", "br-other", "taken0", "--", "set", "interface", "taken0", "type=internal");
    try {
      ovs.session.cache().await("taken0", s -> s.port("taken0").isPresent(), OvsFixture.TIMEOUT);
      assertThatThrownBy(() ->
              ovs.manager.ensurePort(PortSpec.internal("taken0", 9, "0a:58:0a:2a:00:09", 1400)))
          .isInstanceOf(OvsdbException.class)
          .hasMessageContaining("taken0 is on bridge br-other, not on br-int");
    } finally {
      ovs.ovs.vsctl("del-br", "br-other");
    }
  }

  @Test
  void aPodPortIsItsLease() {
    // given
    PodPort pod = OvsFixture.pod(10);
    ovs.veth(pod);

    // when
    ovs.manager.addPodPort(pod);
    InterfaceRow attached = ovs.manager.awaitAttached(pod.name());

    // then
    assertThat(attached.ofport().getAsInt()).isPositive();
    assertThat(ovs.manager.podPorts()).containsExactly(pod);
    assertThat(ovs.manager.podPort(pod.containerId(), pod.ifname())).contains(pod);
    assertThat(ovs.manager.podPort(pod.containerId(), "eth1")).isEmpty();

    // and when it is deleted, twice, no row of it is left
    assertThat(ovs.manager.deletePort(pod.name())).isTrue();
    assertThat(ovs.manager.deletePort(pod.name())).isFalse();
    assertThat(ovs.manager.podPorts()).isEmpty();
    assertThat(ovs.snapshot().interfaceNamed(pod.name())).isEmpty();
  }

  @Test
  void anAddressOrAContainerOrANameIsNotGivenTwice() {
    // given a port, and a second writer who does not know of it
    PodPort first = OvsFixture.pod(11);
    ovs.manager.addPodPort(first);
    try (OvsdbSession other =
        OvsdbSession.open(ovs.ovs.dbSocket(), OvsFixture.OPTIONS, Listeners.NONE)) {
      other.awaitConnected(OvsFixture.TIMEOUT);
      BridgeManager second = new BridgeManager(other, "br-int", OvsFixture.TIMEOUT);
      PodPort fresh = OvsFixture.pod(12);

      // then the same address, the same container and the same name are each refused in clear words
      refused(
          second,
          with(fresh, fresh.name(), fresh.containerId(), first.address()),
          "address 10.42.0.11 is leased to another port");
      refused(
          second,
          with(fresh, fresh.name(), first.containerId(), fresh.address()),
          "container container11 has a port for its interface eth0 already");
      refused(
          second,
          with(fresh, first.name(), fresh.containerId(), fresh.address()),
          "interface pod-11 is in use by another port");

      // and nothing of them is left
      assertThat(second.podPorts()).containsExactly(first);
      second.addPodPort(fresh);
      assertThat(second.podPorts()).containsExactlyInAnyOrder(first, fresh);
    }
  }

  @Test
  void neitherAddressOfADualStackPodIsGivenTwice() {
    InetAddress four = InetAddress.ofLiteral("10.42.0.31");
    InetAddress six = InetAddress.ofLiteral("fd00:10:42::31");
    PodPort first = with(OvsFixture.pod(31), List.of(four, six));
    ovs.manager.addPodPort(first);
    assertThat(ovs.manager.podPorts()).containsExactly(first);

    InetAddress other = InetAddress.ofLiteral("10.42.0.32");
    for (List<InetAddress> taken :
        List.of(List.of(six), List.of(four), List.of(other, six), List.of(six, other))) {
      refused(ovs.manager, with(OvsFixture.pod(32), taken), "is leased to another port");
    }
  }

  private static PodPort with(PodPort pod, List<InetAddress> addresses) {
    return new PodPort(
        pod.name(),
        pod.containerId(),
        pod.ifname(),
        pod.podNamespace(),
        pod.podName(),
        pod.podUid(),
        pod.mac(),
        addresses,
        pod.netns(),
        "seine",
        1450);
  }

  @Test
  void ofManyWritersAtOnceOneGetsTheAddress() throws Exception {
    // given two sessions and twenty pods that all want the same address
    try (OvsdbSession other =
            OvsdbSession.open(ovs.ovs.dbSocket(), OvsFixture.OPTIONS, Listeners.NONE);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      other.awaitConnected(OvsFixture.TIMEOUT);
      BridgeManager second = new BridgeManager(other, "br-int", OvsFixture.TIMEOUT);
      InetAddress address = InetAddress.ofLiteral("10.42.0.99");
      List<Future<Boolean>> attempts =
          IntStream.range(0, 20)
              .mapToObj(i ->
                  threads.submit(() ->
                      got(
                          i % 2 == 0 ? ovs.manager : second,
                          with(OvsFixture.pod(30 + i), "race-" + i, "race" + i, address))))
              .toList();

      // then one of them has it
      long winners = 0;
      for (Future<Boolean> attempt : attempts) {
        winners += attempt.get() ? 1 : 0;
      }
      assertThat(winners).isOne();
      ovs.session.cache().await("the winner", s -> s.podPorts().size() == 1, OvsFixture.TIMEOUT);
    }
  }

  @Test
  void aPortPutRightIsNotJudgedByItsOldError() {
    // given a port that OVS could not make
    PortSpec wrong =
        new PortSpec("fix0", "nosuchtype", Map.of(), 7, Optional.empty(), OptionalInt.empty());
    assertThatThrownBy(() -> ovs.manager.ensurePort(wrong))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERFACE))
        .hasMessageContaining("fix0");

    // when it is made right, it is there
    assertThat(
            ovs.manager
                .ensurePort(PortSpec.internal("fix0", 7, "0a:58:0a:2a:00:07", 1400))
                .ofport())
        .hasValue(7);
    assertThat(ovs.manager.deletePort("fix0")).isTrue();
  }

  @Test
  void aMissingDeviceIsReportedInTheWordsOfOvs() {
    PodPort pod = OvsFixture.pod(13);
    ovs.manager.addPodPort(pod);
    assertThatThrownBy(() -> ovs.manager.awaitAttached(pod.name()))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERFACE))
        .hasMessageContaining("could not open network device pod-13 (No such device)");
  }

  @Test
  void aDamagedPodRowIsSeenButNotRead() {
    PodPort pod = OvsFixture.pod(14);
    ovs.manager.addPodPort(pod);
    ovs.ovs.vsctl("set", "port", pod.name(), "external_ids:" + PodPort.ADDRESS + "=nonsense");
    ovs.session.cache().await("the damage", s -> s.podPorts().isEmpty(), OvsFixture.TIMEOUT);
    assertThat(
            ovs.snapshot().ports().values().stream().filter(PodPort::isPodPort).map(PortRow::name))
        .isEqualTo(List.of("pod-14"));
    assertThat(ovs.manager.deletePort(pod.name())).isTrue();
  }

  @Test
  void theRestoreWaitIsSetAndCleared() {
    ovs.manager.restoreWait();
    assertThat(ovs.ovs.vsctl("get", "open_vswitch", ".", "other_config:flow-restore-wait"))
        .contains("true");
    assertThat(ovs.snapshot().openVSwitch().orElseThrow().flowRestoreWait()).isTrue();
    ovs.manager.clearRestoreWait();
    ovs.manager.clearRestoreWait();
    assertThat(ovs.ovs.vsctl("get", "open_vswitch", ".", "other_config"))
        .doesNotContain("flow-restore-wait");
  }

  private static PodPort with(PodPort pod, String name, String container, InetAddress address) {
    return new PodPort(
        name,
        container,
        "eth0",
        pod.podNamespace(),
        pod.podName(),
        pod.podUid(),
        pod.mac(),
        address,
        pod.netns());
  }

  private static boolean got(BridgeManager manager, PodPort port) {
    try {
      manager.addPodPort(port);
      return true;
    } catch (OvsdbException e) {
      assertThat(e.reason()).isEqualTo(Reason.GUARD);
      return false;
    }
  }

  private static void refused(BridgeManager manager, PodPort port, String why) {
    assertThatThrownBy(() -> manager.addPodPort(port))
        .isInstanceOfSatisfying(
            OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.GUARD))
        .hasMessageContaining(why);
  }
}
