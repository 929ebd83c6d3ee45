package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.seine.agent.host.NodeAddresses.Own;
import io.seine.agent.netlink.AddressEvents;
import io.seine.agent.netlink.NetlinkException;
import io.seine.agent.netlink.NetworkNamespace;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the agent finds on a node: its addresses, and what kube-proxy does or left. */
@Tag("system")
class NodeSystemTest {
  private TestNamespace node;
  private NetworkNamespace inNode;

  @BeforeEach
  void open() throws Exception {
    node = TestNamespace.create("found");
    node.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
    for (String device : List.of("up0", "gw0", "kube-ipvs0")) {
      node.run("ip", "link", "add", device, "type", "veth", "peer", "name", device + "-far");
      node.run("ip", "link", "set", device, "up");
    }
    address("172.30.0.1/24", "up0");
    address("fd30::1/64", "up0");
    address("169.254.20.10/32", "up0");
    address("10.10.1.1/24", "gw0");
    address("203.0.113.7/32", "kube-ipvs0");
    inNode = NetworkNamespace.open(node.path());
  }

  @AfterEach
  void close() throws Exception {
    inNode.close();
    node.close();
  }

  private void address(String address, String device) throws Exception {
    node.run("ip", "address", "add", address, "dev", device);
  }

  private NodeAddresses addresses(String... chosen) {
    return new NodeAddresses(
        inNode.netlink(), "gw0", List.of(chosen).stream().map(IpPrefix::parse).toList());
  }

  @Test
  void theNodesAddressesAreThoseOfItsDevicesButNotOfLoopbackPodsAndLinks() throws Exception {
    List<Ip> both = List.of(Ip.parse("172.30.0.1"), Ip.parse("fd30::1"));

    assertThat(addresses().read()).isEqualTo(new Own(both, both));
    assertThat(addresses("172.30.0.0/16").read())
        .isEqualTo(new Own(both, List.of(Ip.parse("172.30.0.1"))));
    assertThat(addresses("192.0.2.0/24").read()).isEqualTo(new Own(both, List.of()));
  }

  @Test
  void aRoutedAddressOnTheLoopbackDeviceIsTheNodesToo() throws Exception {
    address("192.0.2.1/32", "lo");

    assertThat(addresses().read().nodePorts()).contains(Ip.parse("192.0.2.1"));
  }

  @Test
  void anAddressThatComesOrGoesIsToldAtOnce() throws Exception {
    List<Own> told = new CopyOnWriteArrayList<>();
    AddressEvents events = node.inside(AddressEvents::open);
    try (NodeAddressWatch _ =
        NodeAddressWatch.start(addresses(), events, Duration.ofMinutes(10), told::add)) {
      assertThat(told.getFirst().all())
          .containsExactly(Ip.parse("172.30.0.1"), Ip.parse("fd30::1"));

      address("172.30.0.7/24", "up0");
      await().until(() -> told.getLast().nodePorts().contains(Ip.parse("172.30.0.7")));
      address("fd30::7/64", "up0");
      await().until(() -> told.getLast().nodePorts().contains(Ip.parse("fd30::7")));
      address("10.10.1.99/24", "gw0");
      node.run("ip", "address", "del", "172.30.0.7/24", "dev", "up0");
      await().until(() -> !told.getLast().nodePorts().contains(Ip.parse("172.30.0.7")));

      assertThat(told).hasSize(4);
    }
  }

  @Test
  void whoWaitsForAChangeDoesNotKeepACloserOut() throws Exception {
    AddressEvents events = node.inside(AddressEvents::open);
    Thread waiting =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                boolean _ = events.await(Duration.ofMinutes(10));
              } catch (NetlinkException e) {
                throw new IllegalStateException(e);
              }
            });

    long start = System.nanoTime();
    events.close();

    assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(events.await(Duration.ofSeconds(1))).isFalse();
  }

  @Test
  void aRunningKubeProxyIsFoundWhereItServesItsMetrics() throws Exception {
    Optional<String> before = node.inside(() -> KubeProxyCheck.running());
    assertThat(before).isEmpty();
    HttpServer fake =
        node.inside(() ->
            HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 10249), 0));
    fake.createContext(
        "/proxyMode",
        exchange -> {
          exchange.sendResponseHeaders(200, 8);
          exchange.getResponseBody().write("iptables".getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    fake.start();
    try {
      Optional<String> found = node.inside(() -> KubeProxyCheck.running());
      assertThat(found.orElseThrow())
          .contains("kube-proxy runs on this node (http://127.0.0.1:10249/proxyMode");
    } finally {
      fake.stop(0);
    }
  }

  @Test
  void whatKubeProxyLeftBehindIsNamed() throws Exception {
    Nft nft = new Nft(node.within());
    node.run("ip", "link", "delete", "kube-ipvs0");
    assertThat(KubeProxyCheck.leftOver(nft, inNode.netlink())).isEmpty();

    node.run("iptables-nft", "-t", "nat", "-N", "KUBE-SERVICES");
    node.run("nft", "add table ip6 kube-proxy; add chain ip6 kube-proxy services");
    node.run("ip", "link", "add", "kube-ipvs0", "type", "veth", "peer", "name", "other");

    assertThat(KubeProxyCheck.leftOver(nft, inNode.netlink()).orElseThrow())
        .contains(
            "iptables chain KUBE-SERVICES in table nat, nftables table ip6 kube-proxy, device"
                + " kube-ipvs0")
        .contains("run 'kube-proxy --cleanup'");
  }
}
