package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.netlink.NetworkNamespace;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.Ip;
import io.seine.openflow.testing.OvsInstance;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Two nodes with userspace switches whose underlay is a bridge of the same switch. */
@Tag("system")
class TunnelNeighboursSystemTest {
  private static final String UNDERLAY = "br-underlay";
  private static final String SIX = "fd00:172:30::";

  /** What a test has made, the last first; it may have failed before it had all. */
  private final Deque<AutoCloseable> made = new ArrayDeque<>();

  private Node a;
  private Node b;

  /** A node with an underlay bridge, a tunnel to the other node, and one pod. */
  private final class Node {
    final int number;
    final TestNamespace namespace;
    final TestNamespace pod;
    final NetworkNamespace opened;
    final OvsInstance ovs;

    Node(int number) throws Exception {
      this.number = number;
      namespace = made(TestNamespace.create("tn" + number));
      pod = made(TestNamespace.create("tp" + number));
      for (TestNamespace each : new TestNamespace[] {namespace, pod}) {
        each.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");
      }
      opened = made(NetworkNamespace.open(namespace.path()));
      ovs = made(OvsInstance.startIn(namespace.name()));
    }

    void wire() throws Exception {
      ovs.addBridge(UNDERLAY);
      ovs.vsctl("set-fail-mode", UNDERLAY, "standalone");
      ovs.vsctl("add-port", UNDERLAY, "nic");
      namespace.run("nft", isolate("inet", "prerouting priority -400"));
      namespace.run("nft", isolate("arp", "input priority 0"));
      namespace.run("ethtool", "-K", "nic", "tx", "off");
      namespace.run("ip", "link", "set", "nic", "up");
      namespace.run("ip", "address", "add", "172.30.0." + number + "/24", "dev", UNDERLAY);
      namespace.run("sysctl", "-qw", "net.ipv6.conf." + UNDERLAY + ".disable_ipv6=0");
      namespace.run("ip", "address", "add", SIX + number + "/64", "dev", UNDERLAY, "nodad");
      namespace.run("ip", "link", "set", UNDERLAY, "up");
      ovs.addBridge("br-int");
      ovs.vsctl(
          "add-port",
          "br-int",
          "tun0",
          "--",
          "set",
          "interface",
          "tun0",
          "type=geneve",
          "options:remote_ip=flow",
          "options:key=flow",
          "ofport_request=1");
      namespace.run(
          "ip", "link", "add", "pod", "type", "veth", "peer", "name", "eth0", "netns", pod.name());
      namespace.run("ip", "link", "set", "pod", "up");
      pod.run("ethtool", "-K", "eth0", "tx", "off");
      pod.run("ip", "link", "set", "eth0", "address", "0a:58:0a:09:00:0" + number, "up");
      pod.run("ip", "address", "add", "10.9.0." + number + "/24", "dev", "eth0");
      int other = 3 - number;
      pod.run(
          "ip",
          "neigh",
          "add",
          "10.9.0." + other,
          "lladdr",
          "0a:58:0a:09:00:0" + other,
          "dev",
          "eth0");
      ovs.vsctl("add-port", "br-int", "pod", "--", "set", "interface", "pod", "ofport_request=3");
      ovs.ofctl(
          "add-flow",
          "br-int",
          "in_port=3,actions=set_field:172.30.0." + other + "->tun_dst,output:1");
      ovs.ofctl("add-flow", "br-int", "in_port=1,actions=output:3");
    }

    /** From now on pods' packets take the tunnel over IPv6. */
    void tunnelOverIpv6() {
      int other = 3 - number;
      ovs.ofctl(
          "add-flow",
          "br-int",
          "in_port=3,actions=set_field:" + SIX + other + "->tun_ipv6_dst,output:1");
    }

    private static String isolate(String family, String hook) {
      return "add table %s wire; add chain %s wire c { type filter hook %s; }; "
              .formatted(family, family, hook)
          + "add rule %s wire c iifname nic drop".formatted(family);
    }

    TunnelNeighbours neighbours() throws IOException {
      return new UserspaceTunnelNeighbours(
          opened.netlink(),
          Unixctl.at(ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd"),
          opened.netlink().link(UNDERLAY).orElseThrow(),
          hop -> {
            try {
              namespace.run("bash", "-c", "echo x > /dev/udp/" + scoped(hop) + "/9");
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          });
    }

    private static String scoped(Ip hop) {
      return hop.toString().startsWith("fe80:") ? hop + "%" + UNDERLAY : hop.toString();
    }
  }

  private <T extends AutoCloseable> T made(T thing) {
    made.push(thing);
    return thing;
  }

  @BeforeEach
  void open() throws Exception {
    a = new Node(1);
    b = new Node(2);
    a.namespace.run(
        "ip",
        "link",
        "add",
        "nic",
        "type",
        "veth",
        "peer",
        "name",
        "nic",
        "netns",
        b.namespace.name());
    a.wire();
    b.wire();
  }

  @AfterEach
  void close() throws Exception {
    while (!made.isEmpty()) {
      made.pop().close();
    }
  }

  @Test
  void theFirstPacketToAPrimedPeerArrives() throws Exception {
    a.neighbours().prime(Ip.parse("172.30.0.2"), Duration.ofSeconds(10));

    assertThat(a.pod.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "10.9.0.2"))
        .contains(" 0% packet loss");
  }

  @Test
  void theFirstPacketToAPeerThatIsPrimedOverIpv6Arrives() throws Exception {
    a.tunnelOverIpv6();
    b.tunnelOverIpv6();
    a.neighbours().prime(Ip.parse(SIX + 2), Duration.ofSeconds(10));
    b.neighbours().prime(Ip.parse(SIX + 1), Duration.ofSeconds(10));

    assertThat(a.pod.run("ping", "-c", "3", "-i", "0.2", "-W", "2", "10.9.0.2"))
        .contains(" 0% packet loss");
  }

  @Test
  void aPeerBehindARouterIsReachedByTheRoutersLinkLocalAddress() throws Exception {
    // given the other node as the router, by the address that advertisements name
    String router =
        b.namespace
            .ip("-6", "address", "show", UNDERLAY, "scope", "link")
            .findValue("local")
            .asText();
    a.namespace.run("ip", "-6", "route", "add", "fd00:172:31::/64", "via", router, "dev", UNDERLAY);

    a.neighbours().prime(Ip.parse("fd00:172:31::7"), Duration.ofSeconds(10));

    Unixctl vswitchd = Unixctl.at(a.ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd");
    assertThat(vswitchd.call("tnl/neigh/show")).contains(router).contains(UNDERLAY);
  }

  @Test
  void aSwitchThatHasForgottenIsToldAgainAlthoughTheKernelKnows() throws Exception {
    a.neighbours().prime(Ip.parse("172.30.0.2"), Duration.ofSeconds(10));
    Unixctl vswitchd = Unixctl.at(a.ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd");
    vswitchd.call("tnl/neigh/flush");

    a.neighbours().prime(Ip.parse("172.30.0.2"), Duration.ofSeconds(10));

    assertThat(vswitchd.call("tnl/neigh/show")).contains("172.30.0.2").contains(UNDERLAY);
  }

  @Test
  void aPeerThatDoesNotAnswerIsAnError() throws Exception {
    assertThatThrownBy(() -> a.neighbours().prime(Ip.parse("172.30.0.77"), Duration.ofMillis(300)))
        .hasMessageContaining("172.30.0.77 does not answer on br-underlay");
  }

  @Test
  void theDaemonsRefusalIsPassedOn() {
    assertThatThrownBy(() ->
            Unixctl.at(a.ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd").call("no/such/command"))
        .hasMessageContaining("ovs-vswitchd refused 'no/such/command'");
    assertThatThrownBy(() -> new Unixctl(a.ovs.dir(), "ovs-nothing").call("version"))
        .hasMessageContaining("is ovs-nothing running?");
  }
}
