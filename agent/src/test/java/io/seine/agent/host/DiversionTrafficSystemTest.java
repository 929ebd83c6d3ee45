package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.netlink.Netfilter;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import java.net.DatagramSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Real clients, real rules: which packets the host hands to the switch, and which it leaves alone.
 *
 * <pre>
 *   client --- up0 NODE gw0 --- the switch: another namespace, which has the stand-ins
 *                   \-- other0 --- another host, which has 203.0.113.0/24
 * </pre>
 */
@Tag("system")
class DiversionTrafficSystemTest {
  private static final Owner WEB = new Owner.Service("shop", "web");
  private static final int SSH = 22;
  private static final int NODE_PORT = 30080;
  private static final int HTTP = 80;

  private final List<AutoCloseable> open = new ArrayList<>();
  private TestNamespace node;
  private TestNamespace client;
  private TestNamespace switched;
  private TestNamespace other;
  private Netfilter netfilter;
  private ServiceDiversions diversions;

  /** The addresses of the test in one family. */
  enum Net {
    IPV4(Family.IPV4, "172.30.0.1", "172.30.0.2", "203.0.113.7", "169.254.64.9", "169.254.0.252"),
    IPV6(Family.IPV6, "fd30::1", "fd30::2", "2001:db8::7", "fd00:5e1e:1::9", "fd00:5e1e::fc");

    final Family family;
    final String node;
    final String client;
    final String external;
    final String standIn;
    final String nodePort;

    Net(
        Family family,
        String node,
        String client,
        String external,
        String standIn,
        String nodePort) {
      this.family = family;
      this.node = node;
      this.client = client;
      this.external = external;
      this.standIn = standIn;
      this.nodePort = nodePort;
    }

    Diversion externalTo(int port, Protocol protocol) {
      return new Diversion.External(Ip.parse(external), protocol, port, Ip.parse(standIn));
    }

    Diversion nodePort(int port, Protocol protocol) {
      return new Diversion.NodePort(family, protocol, port);
    }
  }

  @BeforeEach
  void open() throws Exception {
    node = namespace("dnode");
    client = namespace("dclient");
    switched = namespace("dswitch");
    other = namespace("dother");
    node.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
    join("up0", client, "172.30.0.1/24", "172.30.0.2/24", "fd30::1/64", "fd30::2/64");
    join("gw0", switched, "10.10.1.1/24", "10.10.1.2/24", "fd10::1/64", "fd10::2/64");
    join("other0", other, "172.31.0.1/24", "172.31.0.2/24", "fd31::1/64", "fd31::2/64");
    for (Net net : Net.values()) {
      String length = net == Net.IPV4 ? "/32" : "/128";
      for (String standIn : List.of(net.standIn, net.nodePort)) {
        switched.run("ip", "address", "add", standIn + length, "dev", "lo");
        node.run(
            "ip",
            "route",
            "add",
            standIn + length,
            "via",
            net == Net.IPV4 ? "10.10.1.2" : "fd10::2");
      }
      other.run("ip", "address", "add", net.external + length, "dev", "lo");
      node.run(
          "ip",
          "route",
          "add",
          net.external + length,
          "via",
          net == Net.IPV4 ? "172.31.0.2" : "fd31::2");
    }
    open.add(TestServer.tcp(node, "node", SSH));
    open.add(TestServer.tcp(other, "other", SSH));
    open.add(TestServer.tcp(other, "other", HTTP));
    open.add(TestServer.tcp(switched, "switch", NODE_PORT));
    open.add(TestServer.tcp(switched, "switch", HTTP));
    netfilter = node.inside(Netfilter::open);
    open.add(netfilter);
    diversions =
        new ServiceDiversions(
            new Nft(node.within()),
            netfilter,
            "gw0",
            ServiceDiversions.Periods.DEFAULT,
            ServiceDiversions.Listener.NONE);
    open.add(diversions);
    var _ = diversions.start();
    diversions.addresses(List.of(Ip.parse(Net.IPV4.node), Ip.parse(Net.IPV6.node)));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private TestNamespace namespace(String name) throws Exception {
    TestNamespace made = TestNamespace.create(name);
    open.add(made);
    // An address that is still looked for elsewhere asks for no neighbour.
    made.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0");
    return made;
  }

  /** A pair from the node to another namespace, with two addresses at each end. */
  private void join(
      String device, TestNamespace far, String near4, String far4, String near6, String far6)
      throws Exception {
    node.run(
        "ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", far.name());
    node.run("ip", "link", "set", device, "up");
    far.run("ip", "link", "set", "eth0", "up");
    node.run("ip", "address", "add", near4, "dev", device);
    far.run("ip", "address", "add", far4, "dev", "eth0");
    node.run("ip", "address", "add", near6, "dev", device, "nodad");
    far.run("ip", "address", "add", far6, "dev", "eth0", "nodad");
    far.run("ip", "route", "add", "default", "via", near4.replaceAll("/.*", ""));
    far.run("ip", "-6", "route", "add", "default", "via", near6.replaceAll("/.*", ""));
  }

  private void divert(Diversion... wanted) throws Exception {
    diversions.put(WEB, Set.of(wanted));
    assertThat(diversions.awaitApplied(Duration.ofSeconds(10))).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aNodePortIsTheSwitchsAndEveryOtherPortStaysTheNodes(Net net) throws Exception {
    assertThat(TestServer.ask(client, net.node, NODE_PORT)).isEqualTo("refused");

    divert(net.nodePort(NODE_PORT, Protocol.TCP));

    assertThat(TestServer.ask(client, net.node, NODE_PORT)).isEqualTo(said("switch", net.client));
    assertThat(TestServer.ask(client, net.node, SSH)).isEqualTo(said("node", net.client));
    assertThat(TestServer.ask(client, net.external, HTTP)).isEqualTo(said("other", net.client));

    divert();

    assertThat(TestServer.ask(client, net.node, NODE_PORT)).isEqualTo("refused");
  }

  @ParameterizedTest
  @EnumSource
  void onePortOfAForeignAddressIsTheSwitchsAndTheOthersGoWhereTheyWent(Net net) throws Exception {
    assertThat(TestServer.ask(client, net.external, HTTP)).isEqualTo(said("other", net.client));

    divert(net.externalTo(HTTP, Protocol.TCP));

    assertThat(TestServer.ask(client, net.external, HTTP)).isEqualTo(said("switch", net.client));
    assertThat(TestServer.ask(client, net.external, SSH)).isEqualTo(said("other", net.client));
    assertThat(TestServer.ask(client, net.node, SSH)).isEqualTo(said("node", net.client));
  }

  @ParameterizedTest
  @EnumSource
  void oneOfTheNodesAddressesAsExternalAddressLeavesSshToTheNode(Net net) throws Exception {
    divert(new Diversion.External(Ip.parse(net.node), Protocol.TCP, HTTP, Ip.parse(net.standIn)));

    assertThat(TestServer.ask(client, net.node, HTTP)).isEqualTo(said("switch", net.client));
    assertThat(TestServer.ask(client, net.node, SSH)).isEqualTo(said("node", net.client));
  }

  @ParameterizedTest
  @EnumSource
  void theNodesOwnProcessesAreDivertedAlike(Net net) throws Exception {
    divert(net.nodePort(NODE_PORT, Protocol.TCP), net.externalTo(HTTP, Protocol.TCP));

    assertThat(TestServer.ask(node, net.node, NODE_PORT)).isEqualTo(said("switch", net.node));
    assertThat(TestServer.ask(node, net.external, HTTP)).startsWith("switch ");
    assertThat(TestServer.ask(node, net.node, SSH)).isEqualTo(said("node", net.node));
    assertThat(TestServer.ask(node, net.external, SSH)).startsWith("other ");
    String loopback = net == Net.IPV4 ? "127.0.0.1" : "::1";
    assertThat(TestServer.ask(node, loopback, NODE_PORT)).isEqualTo("refused");
  }

  @ParameterizedTest
  @EnumSource
  void whatComesFromTheSwitchIsNotSentBackToIt(Net net) throws Exception {
    divert(net.nodePort(NODE_PORT, Protocol.TCP), net.externalTo(HTTP, Protocol.TCP));

    assertThat(TestServer.ask(switched, net.external, HTTP)).startsWith("other ");
    assertThat(TestServer.ask(switched, net.node, NODE_PORT)).isEqualTo("refused");
  }

  @ParameterizedTest
  @EnumSource
  void aUdpClientThatGoesOnSendingFollowsEachChangeAtOnce(Net net) throws Exception {
    open.add(TestServer.udp(node, "node", NODE_PORT));
    open.add(TestServer.udp(switched, "switch", NODE_PORT));
    open.add(TestServer.udp(other, "other", HTTP));
    open.add(TestServer.udp(switched, "switch", HTTP));
    try (DatagramSocket socket = TestServer.client(client)) {
      assertThat(TestServer.ask(socket, net.node, NODE_PORT)).isEqualTo(said("node", net.client));
      assertThat(TestServer.ask(socket, net.external, HTTP)).isEqualTo(said("other", net.client));

      divert(net.nodePort(NODE_PORT, Protocol.UDP), net.externalTo(HTTP, Protocol.UDP));

      assertThat(TestServer.ask(socket, net.node, NODE_PORT)).isEqualTo(said("switch", net.client));
      assertThat(TestServer.ask(socket, net.external, HTTP)).isEqualTo(said("switch", net.client));

      divert();

      assertThat(TestServer.ask(socket, net.node, NODE_PORT)).isEqualTo(said("node", net.client));
      assertThat(TestServer.ask(socket, net.external, HTTP)).isEqualTo(said("other", net.client));
    }
  }

  @Test
  void anAddressThatTheNodeGetsServesNodePortsFromThenOn() throws Exception {
    divert(Net.IPV4.nodePort(NODE_PORT, Protocol.TCP));
    node.run("ip", "address", "add", "172.30.0.77/24", "dev", "up0");
    assertThat(TestServer.ask(client, "172.30.0.77", NODE_PORT)).isEqualTo("refused");

    diversions.addresses(List.of(Ip.parse("172.30.0.1"), Ip.parse("172.30.0.77")));

    assertThat(diversions.awaitApplied(Duration.ofSeconds(10))).isTrue();
    assertThat(TestServer.ask(client, "172.30.0.77", NODE_PORT)).isEqualTo("switch 172.30.0.2");
  }

  /** As Java writes the address. */
  private static String said(String name, String address) throws Exception {
    return name + " " + java.net.InetAddress.getByName(address).getHostAddress();
  }
}
