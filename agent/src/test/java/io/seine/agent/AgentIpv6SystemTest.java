package io.seine.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.host.TestServer;
import io.seine.agent.netlink.TestNamespace;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pods with IPv6 addresses, of a real agent on a real switch. */
@Tag("system")
class AgentIpv6SystemTest {
  private static final Duration SOON = Duration.ofSeconds(15);
  private static final int PORT = 8080;

  private static void assertPing(TestNamespace from, String address) throws Exception {
    assertThat(from.run("ping", "-c", "3", "-i", "0.2", "-W", "2", address))
        .contains(" 0% packet loss");
  }

  private static void assertReached(TestNamespace from, String server, String address, String as)
      throws Exception {
    assertThat(TestServer.ask(from, address, PORT))
        .isEqualTo(server + " " + InetAddress.ofLiteral(as).getHostAddress());
  }

  /** Whoever flushes its neighbours, the permanent ones too, has to ask for the gateway. */
  private static void forget(TestNamespace pod) throws Exception {
    pod.run("ip", "-6", "neigh", "flush", "dev", "eth0", "nud", "all");
    assertThat(pod.ip("-6", "neigh", "show", "dev", "eth0").findValuesAsText("state"))
        .doesNotContain("PERMANENT");
  }

  private static long counter(AgentFixture node, String series) throws Exception {
    return node.page("/metrics")
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .map(line -> Math.round(Double.parseDouble(line.substring(series.length() + 1))))
        .findFirst()
        .orElse(0L);
  }

  @Test
  void podsOfAnIpv6ClusterReachEachOtherAndTheNode() throws Exception {
    try (AgentFixture node = new AgentFixture("'fd00:100:64::/112'");
        TestNamespace a = TestNamespace.create("a");
        TestNamespace b = TestNamespace.create("b")) {
      node.node("n1", List.of(node.address6()), "fd00:10:96::/64");
      Process agent = node.startAgent();
      node.awaitReady();

      node.add("a", a);
      String result = node.add("b", b);

      try (TestServer _ = TestServer.tcp(b, "b", PORT);
          TestServer _ = TestServer.tcp(node.namespace, "node", PORT)) {
        assertPing(a, "fd00:10:96::3");
        assertPing(a, "fd00:10:96::1");
        assertPing(node.namespace, "fd00:10:96::3");
        assertReached(a, "b", "fd00:10:96::3", "fd00:10:96::2");
        assertReached(a, "node", "fd00:10:96::1", "fd00:10:96::2");
        assertReached(node.namespace, "b", "fd00:10:96::3", "fd00:10:96::1");

        // when the pods have forgotten the gateway they ask, and the agent answers
        forget(a);
        forget(b);
        assertPing(a, "fd00:10:96::3");
        assertReached(a, "b", "fd00:10:96::3", "fd00:10:96::2");
        assertThat(counter(node, "seine_agent_neighbours_total{result=\"answered\"}"))
            .isGreaterThanOrEqualTo(2);
        assertThat(a.ip("-6", "neigh", "show", "fd00:10:96::1").at("/0/lladdr").asText())
            .isEqualTo("0a:58:00:00:00:01");

        // when the agent is killed, connections go on, and another takes all over
        try (Socket open =
            a.inside(() -> new Socket(InetAddress.ofLiteral("fd00:10:96::3"), PORT))) {
          agent.destroyForcibly().waitFor();
          assertPing(a, "fd00:10:96::3");
          assertThat(new String(open.getInputStream().readAllBytes(), UTF_8)).startsWith("b ");
        }
        List<String> before = node.flows("table=30");
        node.startAgent();
        node.awaitReady();
        assertThat(node.flows("table=30")).hasSameSizeAs(before);
        assertReached(a, "b", "fd00:10:96::3", "fd00:10:96::2");
        assertThat(node.cni("CHECK", "b", b, ",\"prevResult\":" + result).getExitCode()).isZero();
      }

      // when they are removed nothing is left of them
      for (TestNamespace pod : List.of(a, b)) {
        assertThat(node.cni("DEL", pod == a ? "a" : "b", pod, "").getExitCode()).isZero();
        assertThat(pod.run("ip", "link")).doesNotContain("eth0");
      }
      assertThat(node.ovs.ofctl("dump-flows", "br-int"))
          .doesNotContain("fd00:10:96::2")
          .doesNotContain("fd00:10:96::3");
      assertThat(node.ovs.vsctl("list-ports", "br-int").lines())
          .containsExactlyInAnyOrder("gw0", "tun0");
    }
  }

  @Test
  void dualStackPodsReachEachOtherByBothFamiliesAndNobodyIsImpersonated() throws Exception {
    try (AgentFixture node = new AgentFixture("100.64.0.0/16, 'fd00:100:64::/112'");
        TestNamespace a = TestNamespace.create("a");
        TestNamespace b = TestNamespace.create("b")) {
      node.node("n1", List.of(node.address(), node.address6()), "10.96.0.0/24", "fd00:10:96::/64");
      node.startAgent();
      node.awaitReady();
      node.add("a", a);
      node.add("b", b);

      try (TestServer _ = TestServer.tcp(b, "b", PORT)) {
        for (String network : List.of("10.96.0.", "fd00:10:96::")) {
          String gateway = network + 1;
          String own = network + 2;
          String other = network + 3;
          assertPing(a, other);
          assertPing(a, gateway);
          assertPing(node.namespace, other);
          assertReached(a, "b", other, own);
          assertReached(node.namespace, "b", other, gateway);
        }

        // a pod that takes the other's address is not heard, and takes nothing from it
        a.run("ip", "-6", "address", "add", "fd00:10:96::99/128", "dev", "eth0", "nodad");
        assertThat(
                new ProcessBuilder(
                        a.within(
                            "ping", "-c", "1", "-W", "1", "-I", "fd00:10:96::99", "fd00:10:96::3"))
                    .start()
                    .waitFor())
            .isNotZero();
        assertReached(a, "b", "fd00:10:96::3", "fd00:10:96::2");
      }

      assertThat(node.cni("DEL", "a", a, "").getExitCode()).isZero();
      assertThat(node.cni("DEL", "b", b, "").getExitCode()).isZero();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(node.page("/status")).contains("10.96.0.0/24, fd00:10:96::/64"));
      assertThat(node.ovs.ofctl("dump-flows", "br-int"))
          .doesNotContain("fd00:10:96::2,")
          .doesNotContain("10.96.0.2,");
    }
  }
}
