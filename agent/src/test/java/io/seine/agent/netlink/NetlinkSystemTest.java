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

    inPod.netlink().bringUp(eth0.index(), List.of(POD_ADDRESS), List.of(), routes);
    inPod.netlink().bringUp(eth0.index(), List.of(POD_ADDRESS), List.of(), routes);

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
    netlink.bringUp(eth0.index(), List.of(POD_ADDRESS), List.of(), List.of());
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
  void thePodsEndTakesAnIpv6AddressThatWorksAtOnceBehindAPermanentNeighbour() throws Exception {
    Link eth0 = createPair();
    InterfaceAddress address = InterfaceAddress.parse("fd00:10:96::2/128");
    Neighbour gateway =
        new Neighbour(
            eth0.index(), Ip.parse("fd00:10:96::1"), Mac.parse("0a:58:00:00:00:01"), true);
    Route route =
        Route.via(IpPrefix.parse("::/0"), eth0.index(), gateway.address())
            .withOnlink()
            .withMtu(1400);
    Netlink netlink = inPod.netlink();

    netlink.bringUp(eth0.index(), List.of(address), List.of(gateway), List.of(route));
    netlink.bringUp(eth0.index(), List.of(address), List.of(gateway), List.of(route));

    JsonNode shown = pod.ip("-6", "addr", "show", "eth0", "scope", "global").at("/0/addr_info/0");
    assertThat(shown.path("local").asText()).isEqualTo("fd00:10:96::2");
    assertThat(shown.path("nodad").asBoolean()).isTrue();
    assertThat(shown.path("tentative").asBoolean()).isFalse();
    assertThat(pod.ip("-6", "route", "get", "2001:db8::1").at("/0/gateway").asText())
        .isEqualTo("fd00:10:96::1");
    assertThat(pod.ip("-6", "neigh", "show", "fd00:10:96::1").at("/0/state/0").asText())
        .isEqualTo("PERMANENT");
    assertThat(netlink.addresses(eth0.index())).containsExactly(address);
    assertThat(netlink.routes()).contains(route);
    assertThat(netlink.neighbours(eth0.index())).contains(gateway);
    assertThat(netlink.removeRoute(route)).isTrue();
    assertThat(netlink.removeRoute(route)).isFalse();
    assertThat(netlink.removeNeighbour(eth0.index(), gateway.address())).isTrue();
    assertThat(netlink.removeNeighbour(eth0.index(), gateway.address())).isFalse();
    assertThat(netlink.removeAddress(eth0.index(), address)).isTrue();
    assertThat(netlink.removeAddress(eth0.index(), address)).isFalse();
  }

  @Test
  void bothFamiliesAreListedAndARouteIsReplacedInItsOwn() throws Exception {
    Link eth0 = createPair();
    Netlink netlink = inPod.netlink();
    InterfaceAddress address = InterfaceAddress.parse("fd00:10:96::2/64");
    netlink.bringUp(eth0.index(), List.of(POD_ADDRESS, address), List.of(), List.of());
    IpPrefix four = IpPrefix.parse("10.96.0.0/16");
    IpPrefix six = IpPrefix.parse("fd00:10:97::/48");
    Ip hop = Ip.parse("fd00:10:96::9");
    List<Route> routes =
        List.of(
            Route.via(four, eth0.index(), GATEWAY).withProtocol(83),
            Route.via(six, eth0.index(), hop).withSource(address.address()).withProtocol(83),
            Route.direct(IpPrefix.parse("fd00:5e1e::fd/128"), eth0.index()).withProtocol(83));

    netlink.putRoute(Route.via(six, eth0.index(), Ip.parse("fd00:10:96::8")).withProtocol(83));
    for (Route route : routes) {
      netlink.putRoute(route);
    }

    assertThat(netlink.addresses(eth0.index())).containsExactlyInAnyOrder(POD_ADDRESS, address);
    assertThat(netlink.routes().stream().filter(r -> r.protocol() == 83))
        .containsExactlyInAnyOrderElementsOf(routes);
  }

  @Test
  void ipv6IsEnabledWhereTheNamespaceHasItSwitchedOff() throws Exception {
    pod.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
    pod.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
    Link eth0 = createPair();
    List<InterfaceAddress> addresses =
        List.of(POD_ADDRESS, InterfaceAddress.parse("fd00:10:96::2/128"));
    Netlink netlink = inPod.netlink();
    assertThatThrownBy(() -> netlink.bringUp(eth0.index(), addresses, List.of(), List.of()))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EACCES))
        .hasMessageContaining("fd00:10:96::2/128");

    inPod.enableIpv6("eth0");
    netlink.bringUp(eth0.index(), addresses, List.of(), List.of());

    assertThat(netlink.addresses(eth0.index())).containsExactlyInAnyOrderElementsOf(addresses);
    assertThat(inNode.netlink().addresses()).noneMatch(a -> addresses.contains(a.address()));
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
