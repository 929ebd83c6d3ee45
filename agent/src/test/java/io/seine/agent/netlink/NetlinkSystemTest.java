package io.seine.agent.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What netlink made, as {@code ip -j} shows it. */
@Tag("system")
class NetlinkSystemTest {
  private static final Mac POD_MAC = Mac.parse("0a:58:0a:0a:01:02");
  private static final InterfaceAddress POD_ADDRESS = InterfaceAddress.parse("10.10.1.2/24");
  private static final Ip GATEWAY = Ip.parse("10.10.1.1");

  private TestNamespace node;
  private TestNamespace pod;
  private NetworkNamespace inNode;
  private NetworkNamespace inPod;

  @BeforeEach
  void open() throws Exception {
    node = TestNamespace.create("node");
    pod = TestNamespace.create("pod");
    inNode = NetworkNamespace.open(node.path());
    inPod = NetworkNamespace.open(pod.path());
  }

  @AfterEach
  void close() throws Exception {
    inNode.close();
    inPod.close();
    node.close();
    pod.close();
  }

  private Link createPair() throws Exception {
    inNode.netlink().createVeth(new VethPair("web-0-0f40e6", "eth0", POD_MAC, 1450, 0x5e1e), inPod);
    return inPod.netlink().link("eth0").orElseThrow();
  }

  @Test
  void aPairIsMadeInOneStepWithItsPeerInThePodsNamespace() throws Exception {
    createPair();

    JsonNode host = node.ip("-d", "link", "show", "web-0-0f40e6").get(0);
    assertThat(host.at("/linkinfo/info_kind").asText()).isEqualTo("veth");
    assertThat(host.path("mtu").asInt()).isEqualTo(1450);
    assertThat(host.path("flags").toString()).contains("\"UP\"");
    assertThat(host.path("group").asText()).isEqualTo("24094");
    JsonNode peer = pod.ip("link", "show", "eth0").get(0);
    assertThat(peer.path("address").asText()).isEqualTo("0a:58:0a:0a:01:02");
    assertThat(peer.path("mtu").asInt()).isEqualTo(1450);
    Link seen = inNode.netlink().link("web-0-0f40e6").orElseThrow();
    assertThat(seen.kind()).contains("veth");
    assertThat(seen.group()).isEqualTo(0x5e1e);
    assertThat(seen.up()).isTrue();
  }

  @Test
  void thePodsEndGetsItsAddressAndDefaultRouteAndMayBeDoneTwice() throws Exception {
    Link eth0 = createPair();
    IpPrefix all = IpPrefix.parse("0.0.0.0/0");
    List<Route> routes = List.of(Route.via(all, eth0.index(), GATEWAY).withMtu(1400));

    inPod.netlink().bringUp(eth0.index(), POD_ADDRESS, routes);
    inPod.netlink().bringUp(eth0.index(), POD_ADDRESS, routes);

    assertThat(inPod.netlink().addresses(eth0.index())).containsExactly(POD_ADDRESS);
    assertThat(pod.ip("-4", "addr", "show", "eth0").at("/0/addr_info/0/local").asText())
        .isEqualTo("10.10.1.2");
    JsonNode route = pod.ip("route", "show", "default").get(0);
    assertThat(route.path("gateway").asText()).isEqualTo("10.10.1.1");
    assertThat(route.at("/metrics/0/mtu").asInt()).isEqualTo(1400);
    assertThat(inPod.netlink().routes()).contains(routes.getFirst());
  }

  @Test
  void aRouteOnlinkWithSourceAndAPermanentNeighbourAreMadeListedAndRemoved() throws Exception {
    Link eth0 = createPair();
    Netlink netlink = inPod.netlink();
    netlink.bringUp(eth0.index(), POD_ADDRESS, List.of());
    Ip hop = Ip.parse("169.254.0.253");
    Mac router = Mac.parse("0a:5e:00:00:00:01");
    Route route =
        Route.via(IpPrefix.parse("10.10.2.0/24"), eth0.index(), hop)
            .withOnlink()
            .withSource(POD_ADDRESS.address())
            .withProtocol(83);

    netlink.putNeighbour(eth0.index(), hop, router);
    netlink.putRoute(route);

    JsonNode shown = pod.ip("route", "show", "10.10.2.0/24").get(0);
    assertThat(shown.path("flags").toString()).contains("onlink");
    assertThat(shown.path("prefsrc").asText()).isEqualTo("10.10.1.2");
    assertThat(shown.path("protocol").asText()).isEqualTo("83");
    assertThat(pod.ip("neigh", "show", "169.254.0.253").at("/0/state/0").asText())
        .isEqualTo("PERMANENT");
    assertThat(netlink.routes()).contains(route);
    assertThat(netlink.neighbours(eth0.index()))
        .contains(new Neighbour(eth0.index(), hop, router, true));
    assertThat(netlink.removeRoute(route)).isTrue();
    assertThat(netlink.removeRoute(route)).isFalse();
    assertThat(netlink.removeNeighbour(eth0.index(), hop)).isTrue();
    assertThat(netlink.removeNeighbour(eth0.index(), hop)).isFalse();
    assertThat(netlink.removeAddress(eth0.index(), POD_ADDRESS)).isTrue();
    assertThat(netlink.removeAddress(eth0.index(), POD_ADDRESS)).isFalse();
  }

  @Test
  void transmitChecksumOffloadIsTurnedOff() throws Exception {
    createPair();
    assertThat(inPod.txChecksum("eth0")).isTrue();

    inPod.disableTxChecksum("eth0");

    assertThat(inPod.txChecksum("eth0")).isFalse();
    assertThat(pod.run("ethtool", "-k", "eth0")).contains("tx-checksumming: off");
  }

  @Test
  void aDeviceTakesItsAddressMtuAndState() throws Exception {
    Link eth0 = createPair();
    Mac mac = Mac.parse("0a:58:0a:0a:01:01");

    inPod.netlink().configureLink(eth0.index(), true, 1300, Optional.of(mac));

    Link after = inPod.netlink().link("eth0").orElseThrow();
    assertThat(after.mtu()).isEqualTo(1300);
    assertThat(after.mac()).contains(mac);
    assertThat(after.up()).isTrue();
  }

  @Test
  void deletingOneEndRemovesBothAndMayBeRepeated() throws Exception {
    createPair();

    assertThat(inNode.netlink().deleteLink("web-0-0f40e6")).isTrue();

    assertThat(inNode.netlink().deleteLink("web-0-0f40e6")).isFalse();
    assertThat(inPod.netlink().link("eth0")).isEmpty();
    assertThat(inNode.netlink().links()).extracting(Link::name).containsExactly("lo");
  }

  @Test
  void aRefusalSaysWhatWasAskedAndWhy() throws Exception {
    createPair();

    assertThatThrownBy(this::createPair)
        .isInstanceOfSatisfying(NetlinkException.class, e -> assertThat(e.isExists()).isTrue())
        .hasMessageContaining("create veth pair web-0-0f40e6/eth0 into " + pod.path())
        .hasMessageContaining("EEXIST");
    Route unreachable = Route.via(IpPrefix.parse("10.10.2.0/24"), 1, Ip.parse("192.0.2.1"));
    assertThatThrownBy(() -> inNode.netlink().putRoute(unreachable))
        .hasMessageContaining("make route to 10.10.2.0/24 via 192.0.2.1 on device 1")
        .hasMessageContaining("(kernel: ");
  }

  @Test
  void aNamespaceThatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/run/netns/nothing-of-that-name")))
        .isInstanceOfSatisfying(NetlinkException.class, e -> assertThat(e.isNotFound()).isTrue());
    assertThatThrownBy(() -> NetworkNamespace.open(Path.of("/etc/hostname")))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }
}
