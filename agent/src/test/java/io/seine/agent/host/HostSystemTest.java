package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.agent.netlink.NetworkNamespace;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode.Network;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The node's own network in a namespace, with a veth end for the gateway port. */
@Tag("system")
class HostSystemTest {
  private TestNamespace node;
  private NetworkNamespace inNode;
  private HostNetwork network;
  private PacketFilter filter;

  @BeforeEach
  void open() throws Exception {
    node = TestNamespace.create("host");
    device("gw0");
    device("up0");
    node.run("ip", "address", "add", "172.30.0.1/24", "dev", "up0");
    node.run("ip", "link", "set", "up0", "up");
    inNode = NetworkNamespace.open(node.path());
    network = new HostNetwork(inNode.netlink(), "gw0");
    filter = new PacketFilter(new Nft(node.within()));
  }

  @AfterEach
  void close() throws Exception {
    inNode.close();
    node.close();
  }

  private static HostFacts facts(String... peers) {
    return facts(List.of("10.10.1.0/24"), peers);
  }

  private static HostFacts facts(List<String> own, String... peers) {
    return new HostFacts(
        own.stream().map(IpPrefix::parse).map(Network::of).toList(),
        1450,
        List.of(peers).stream().map(IpPrefix::parse).toList(),
        List.of(),
        List.of(IpPrefix.parse("10.96.0.0/16"), IpPrefix.parse("fd96::/112")),
        true);
  }

  private void device(String name) throws Exception {
    node.run("ip", "link", "add", name, "type", "veth", "peer", "name", name + "-far");
    node.run("ip", "link", "set", name + "-far", "up");
  }

  private List<String> destinations() throws Exception {
    List<String> all = new ArrayList<>();
    for (JsonNode route : node.ip("route", "show", "dev", "gw0")) {
      all.add(route.path("dst").asText());
    }
    return all;
  }

  @Test
  void theGatewayPortAndTheRoutesAreMadeAndThenNothingIsLeftToDo() throws Exception {
    List<String> changes = network.reconcile(facts("10.10.2.0/24", "10.10.3.0/24"));

    assertThat(changes).hasSize(9);
    assertThat(network.reconcile(facts("10.10.2.0/24", "10.10.3.0/24"))).isEmpty();
    JsonNode gateway = node.ip("address", "show", "gw0").get(0);
    assertThat(gateway.path("mtu").asInt()).isEqualTo(1450);
    assertThat(gateway.path("address").asText()).isEqualTo("0a:58:0a:0a:01:01");
    assertThat(gateway.at("/addr_info/0/local").asText()).isEqualTo("10.10.1.1");
    assertThat(node.run("ip", "route", "show", "10.10.2.0/24"))
        .contains("via 169.254.0.253 dev gw0 proto 83 src 10.10.1.1 onlink");
    assertThat(node.run("ip", "neigh", "show", "dev", "gw0"))
        .contains("169.254.0.253 lladdr 0a:5e:00:00:00:01 PERMANENT");
    assertThat(destinations())
        .containsExactlyInAnyOrder(
            "169.254.0.253",
            "169.254.0.252",
            "169.254.64.0/18",
            "10.10.1.0/24",
            "10.10.2.0/24",
            "10.10.3.0/24",
            "10.96.0.0/16");
  }

  @Test
  void ipv6PodsAreReachedByTheRouterTooAndNothingIsOnLink() throws Exception {
    HostFacts both = facts(List.of("10.10.1.0/24", "fd10:1::/64"), "fd10:2::/64", "10.10.2.0/24");
    List<String> changes = network.reconcile(both);

    assertThat(changes).contains("address fd10:1::1/128 added to gw0", "route to fd10:1::/64 made");
    assertThat(network.reconcile(both)).isEmpty();
    assertThat(node.run("ip", "-6", "route", "show", "proto", "83").lines().map(String::strip))
        .hasSize(6)
        .allMatch(route -> route.contains("dev gw0") && route.contains("src fd10:1::1"))
        .anyMatch(route -> route.startsWith("fd10:1::/64 via fd00:5e1e::fd"))
        .anyMatch(route -> route.startsWith("fd10:2::/64 via fd00:5e1e::fd"))
        .anyMatch(route -> route.startsWith("fd96::/112 via fd00:5e1e::fd"))
        .anyMatch(route -> route.startsWith("fd00:5e1e::fc via fd00:5e1e::fd"))
        .anyMatch(route -> route.startsWith("fd00:5e1e:1::/64 via fd00:5e1e::fd"));
    assertThat(node.run("ip", "-6", "neigh", "show", "dev", "gw0"))
        .contains("fd00:5e1e::fd lladdr 0a:5e:00:00:00:01 ")
        .contains("PERMANENT");
    assertThat(node.run("ip", "-6", "address", "show", "dev", "gw0"))
        .doesNotContain("fd10:1::1/128 scope global tentative");
    node.run("ip", "-6", "route", "del", "fd10:2::/64");
    node.run("ip", "-6", "neigh", "del", "fd00:5e1e::fd", "dev", "gw0");

    assertThat(network.reconcile(both))
        .containsExactlyInAnyOrder(
            "neighbour fd00:5e1e::fd set to 0a:5e:00:00:00:01", "route to fd10:2::/64 made");
  }

  @Test
  void ipv6IsSwitchedOnAtTheGatewayPortWhereTheHostHasItOff() throws Exception {
    node.run("sysctl", "-qw", "net.ipv6.conf.gw0.disable_ipv6=1");
    HostFacts both = facts(List.of("10.10.1.0/24", "fd10:1::/64"));

    // The settings are those of the namespace that the thread is in.
    List<String> changes = node.inside(() -> network.reconcile(both));

    assertThat(changes).contains("IPv6 enabled on gw0", "address fd10:1::1/128 added to gw0");
  }

  @Test
  void aNodeOfIpv6OnlyHasNothingOfIpv4() throws Exception {
    HostFacts six = facts(List.of("fd10:1::/64"), "fd10:2::/64", "10.10.2.0/24");
    var _ = network.reconcile(six);

    assertThat(network.reconcile(six)).isEmpty();
    assertThat(destinations()).isEmpty();
    assertThat(node.ip("address", "show", "gw0").get(0).path("address").asText())
        .isEqualTo("0a:58:00:00:00:01");
    assertThat(filter.reconcile(FilterRules.render(six, "gw0", 24033))).isTrue();
    assertThat(filter.reconcile(FilterRules.render(six, "gw0", 24033))).isFalse();
  }

  @Test
  void whatAPeerLeftIsRemovedAndWhatIsNotOursStays() throws Exception {
    network.reconcile(facts("10.10.2.0/24", "10.10.3.0/24"));
    node.run("ip", "route", "add", "198.51.100.0/24", "via", "172.30.0.9");

    assertThat(network.reconcile(facts("10.10.3.0/24")))
        .containsExactly("route to 10.10.2.0/24 removed");

    assertThat(destinations()).doesNotContain("10.10.2.0/24").contains("10.10.3.0/24");
    assertThat(node.run("ip", "route", "show", "198.51.100.0/24")).contains("172.30.0.9");
  }

  @Test
  void whatSomeoneAlteredIsRepaired() throws Exception {
    HostFacts facts = facts("10.10.2.0/24");
    network.reconcile(facts);
    node.run("ip", "route", "del", "10.10.2.0/24");
    node.run("ip", "neigh", "del", "169.254.0.253", "dev", "gw0");
    node.run("ip", "address", "add", "10.77.0.1/24", "dev", "gw0");
    node.run("ip", "link", "set", "gw0", "mtu", "1400");

    assertThat(network.reconcile(facts))
        .containsExactlyInAnyOrder(
            "gw0 set up with MTU 1450 and MAC 0a:58:0a:0a:01:01",
            "address 10.77.0.1/24 removed from gw0",
            "neighbour 169.254.0.253 set to 0a:5e:00:00:00:01",
            "route to 10.10.2.0/24 made");
    assertThat(network.reconcile(facts)).isEmpty();
  }

  @Test
  void theKernelTakesTheRulesAndAnAlterationIsSeen() throws Exception {
    String rules = FilterRules.render(facts("10.10.2.0/24"), "gw0", 24033);
    node.run("nft", "add", "table", "inet", "others");

    assertThat(filter.reconcile(rules)).isTrue();
    assertThat(filter.reconcile(rules)).isFalse();
    node.run("nft", "flush", "chain", "inet", "seine", "postrouting");
    assertThat(filter.reconcile(rules)).isTrue();
    assertThat(filter.reconcile(FilterRules.render(facts(), "gw0", 24033))).isTrue();

    assertThat(node.run("nft", "list", "ruleset"))
        .contains("table inet others")
        .contains("iifgroup 24033 drop")
        .contains("ip saddr 10.10.1.0/24 ip daddr != @pods4 oifname != \"gw0\" masquerade");
    assertThatThrownBy(() -> filter.reconcile("table inet seine { nonsense }"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void theKeeperRetriesUntilTheGatewayPortIsThereAndRepairsInItsPeriod() throws Exception {
    node.run("ip", "link", "delete", "gw0");
    List<String> problems = new CopyOnWriteArrayList<>();
    HostKeeper.Listener listener =
        new HostKeeper.Listener() {
          @Override
          public void applied(HostFacts facts, List<String> changes) {}

          @Override
          public void failed(String problem) {
            problems.add(problem);
          }
        };
    try (HostKeeper keeper =
        new HostKeeper(network, filter, "gw0", 24033, Duration.ofMillis(50), listener)) {
      keeper.update(facts("10.10.2.0/24"));
      await().until(() -> !problems.isEmpty());
      assertThat(problems.getFirst()).contains("gw0 is not there");

      device("gw0");

      assertThat(keeper.awaitApplied(Duration.ofSeconds(10))).isTrue();
      node.run("ip", "route", "del", "10.10.2.0/24");
      await().until(() -> destinations().contains("10.10.2.0/24"));
    }
    assertThat(destinations()).contains("10.10.2.0/24");
  }

  @Test
  void theTransportIsFoundByTheNodesAddressAndGivesThePodMtu() throws Exception {
    Transport transport = Transport.find(inNode.netlink(), Ip.parse("172.30.0.1"));

    assertThat(transport.device().name()).isEqualTo("up0");
    assertThat(transport.podMtu(false)).isEqualTo(1450);
    assertThat(transport.podMtu(true)).isEqualTo(1430);
    assertThatThrownBy(() -> Transport.find(inNode.netlink(), Ip.parse("172.30.0.9")))
        .hasMessageContaining("no device of this node has the address 172.30.0.9");
  }
}
