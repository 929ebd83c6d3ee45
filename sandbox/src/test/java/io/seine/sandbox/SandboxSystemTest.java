package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Node;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.HttpReply;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.Underlay;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The sandbox without agents: namespaces, Open vSwitch, underlay and API are as they should be. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxSystemTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private final String name = "t" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox = unset();

  @SuppressWarnings("NullAway")
  private static Sandbox unset() {
    return null;
  }

  @BeforeAll
  void up() {
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2).withoutAgents(), (what, took) -> {});
  }

  @AfterAll
  void down() {
    Sandbox.remove(name);
  }

  @Test
  void nodesReachEachOtherAndTheOutside() {
    List<SandboxNode> nodes = sandbox.view().nodes();
    for (String target : List.of(nodes.get(1).address(), Underlay.ROUTER, Underlay.OUTSIDE)) {
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(nodes.get(0).run("ping", "-c1", "-W1", target).out())
                  .contains("1 received")
                  .doesNotContain("DUP"));
    }
  }

  @Test
  void aNodeTalksTcpToTheOutsideWithItsOwnAddress() throws Exception {
    SandboxNode node = sandbox.view().nodes().get(0);
    try (SocketChannel channel = node.namespace().socket()) {
      HttpReply reply =
          HttpReply.get(
              channel,
              new InetSocketAddress(InetAddress.ofLiteral(Underlay.OUTSIDE), 80),
              "/",
              LIMIT);
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.body()).contains("\"client\":\"" + node.address() + "\"");
    }
  }

  @Test
  void theApiServerIsReachableFromEveryNode() throws Exception {
    for (SandboxNode node : sandbox.view().nodes()) {
      try (SocketChannel channel = node.namespace().socket()) {
        HttpReply reply =
            HttpReply.get(
                channel,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 6443),
                "/api/v1/nodes",
                LIMIT);
        assertThat(reply.body()).contains("node-1").contains("10.244.1.0/24");
      }
    }
  }

  @Test
  void everyNodeHasItsOwnSwitch() {
    List<SandboxNode> nodes = sandbox.view().nodes();
    assertThat(nodes.get(0).run("ovs-vsctl", "list-br").out()).contains("br-underlay");
    nodes
        .get(0)
        .ovs()
        .vsctl("add-br", "only-here", "--", "set", "bridge", "only-here", "datapath_type=netdev");
    assertThat(nodes.get(0).run("ovs-ofctl", "show", "only-here").ok()).isTrue();
    assertThat(nodes.get(1).run("ovs-vsctl", "list-br").out()).doesNotContain("only-here");
    nodes.get(0).ovs().vsctl("del-br", "only-here");
  }

  @Test
  void aRestartedSwitchIsConnectedAgain() {
    SandboxNode node = sandbox.view().nodes().get(1);
    long before = node.ovs().pid(io.seine.sandbox.node.NodeOvs.Daemon.OVS_VSWITCHD).orElseThrow();
    sandbox.view().restart(node.name(), SandboxNode.Part.OVS_VSWITCHD, "KILL");
    node.ovs().vsctl("remove", "Open_vSwitch", ".", "other_config", "flow-restore-wait");
    assertThat(node.ovs().pid(io.seine.sandbox.node.NodeOvs.Daemon.OVS_VSWITCHD).orElseThrow())
        .isNotEqualTo(before);
    await().atMost(LIMIT).until(() -> node.run("ping", "-c1", "-W1", Underlay.OUTSIDE).ok());
  }

  @Test
  void serviceAndPodsGetWhatControllersGive() {
    var view = sandbox.view();
    Manifests.apply(view.client(), Scenarios.text("hello-kubernetes.yaml"));
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          var pods = view.client().pods().inNamespace("default").list().getItems();
          assertThat(pods).hasSize(4).allMatch(p -> p.getSpec().getNodeName() != null);
          assertThat(pods.stream().filter(p -> p.getSpec().getNodeName().equals("node-1")))
              .hasSize(2);
          var service =
              view.client().services().inNamespace("default").withName("hello-kubernetes").get();
          assertThat(service.getSpec().getClusterIP()).startsWith("10.");
          assertThat(service.getSpec().getPorts().getFirst().getNodePort()).isBetween(30000, 32767);
        });
    assertThat(
            view.client()
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", "node-2")
                .list()
                .getItems())
        .hasSize(2);
    Manifests.delete(view.client(), Scenarios.text("hello-kubernetes.yaml"));
    await()
        .atMost(LIMIT)
        .until(() -> view.client().pods().inNamespace("default").list().getItems().isEmpty());
  }

  @Test
  void downLeavesNothing() {
    String other = "t" + UUID.randomUUID().toString().substring(0, 6);
    Sandbox second = Sandbox.up(SandboxSpec.ofNodes(other, 1).withoutAgents(), Progress.silent());
    List<Node> nodes = second.view().client().nodes().list().getItems();
    assertThat(nodes).hasSize(1);
    second.close();
    assertThat(Namespace.startingWith("seine-" + other)).isEmpty();
    assertThat(new Layout(other).directory()).doesNotExist();
    assertThat(Sandbox.hasRemains(other)).isFalse();
  }
}
