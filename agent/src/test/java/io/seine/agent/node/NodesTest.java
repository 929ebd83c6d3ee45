package io.seine.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.ConfigException;
import io.seine.agent.config.ConfigReader;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectRef;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.PeerNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodesTest {
  private static final LocalNode SELF =
      LocalNode.of(
          "n1",
          Ip.parse("192.168.1.1"),
          IpPrefix.parse("10.96.0.0/24"),
          List.of(IpPrefix.parse("100.64.0.0/16")));

  private final Nodes nodes = new Nodes(SELF);

  private static NodeInfo node(String name, String created, String address, String... cidrs) {
    return new NodeInfo(
        ObjectRef.node(name, "uid-" + name), created, List.of(address), List.of(cidrs));
  }

  private String reason(String name) {
    return nodes.translate(name).problems().getFirst().reason();
  }

  @Test
  void shouldKnowAPeerByItsFirstIpv4AddressAndNetwork() {
    nodes.put(node("n2", "1", "192.168.1.2", "fd00::/64", "10.96.1.0/24"));

    assertThat(nodes.takeDirty()).containsExactly("n2");
    assertThat(nodes.translate("n2").fact())
        .contains(new PeerNode("n2", Ip.parse("192.168.1.2"), IpPrefix.parse("10.96.1.0/24")));
  }

  @Test
  void shouldNotBeItsOwnPeer() {
    nodes.put(node("n1", "1", "192.168.1.1", "10.96.0.0/24"));

    assertThat(nodes.takeDirty()).isEmpty();
    assertThat(nodes.size()).isZero();
  }

  @Test
  void shouldFollowChangesAndGoing() {
    nodes.put(node("n2", "1", "192.168.1.2", "10.96.1.0/24"));
    nodes.takeDirty();

    nodes.put(node("n2", "1", "192.168.1.2", "10.96.1.0/24"));
    assertThat(nodes.takeDirty()).as("nothing changed").isEmpty();

    nodes.put(node("n2", "1", "192.168.1.22", "10.96.1.0/24"));
    assertThat(nodes.takeDirty()).containsExactly("n2");
    assertThat(nodes.translate("n2").fact().orElseThrow().nodeAddress())
        .isEqualTo(Ip.parse("192.168.1.22"));

    nodes.remove("n2");
    assertThat(nodes.takeDirty()).containsExactly("n2");
    assertThat(nodes.translate("n2").fact()).isEmpty();
  }

  @Test
  void shouldWaitWithoutComplaintForANodeThatHasNoNetworkYet() {
    nodes.put(node("n2", "1", "192.168.1.2"));
    nodes.put(node("n3", "1", "192.168.1.3", "fd00::/64"));

    assertThat(nodes.translate("n2")).isEqualTo(nodes.translate("n3"));
    assertThat(nodes.translate("n2").fact()).isEmpty();
    assertThat(nodes.translate("n2").problems()).isEmpty();
  }

  @Test
  void shouldLeaveAPodNetworkToTheOlderOfTwoPeers() {
    nodes.put(node("n3", "2", "192.168.1.3", "10.96.1.0/24"));
    nodes.put(node("n2", "1", "192.168.1.2", "10.96.0.0/20"));
    nodes.put(node("n4", "1", "192.168.1.4", "10.97.0.0/16"));
    nodes.takeDirty();

    assertThat(reason("n2")).as("overlaps this node's").isEqualTo("PodCIDRConflict");
    assertThat(reason("n3")).as("overlaps the older n2's").isEqualTo("PodCIDRConflict");
    assertThat(nodes.translate("n4").fact()).isPresent();

    // when the older goes, the other is concerned, and served
    nodes.remove("n2");
    assertThat(nodes.takeDirty()).containsExactlyInAnyOrder("n2", "n3");
    assertThat(nodes.translate("n3").fact()).isPresent();
  }

  @Test
  void shouldRefuseWhatWouldBreakOthers() {
    nodes.put(node("n2", "1", "192.168.1.2", "100.64.3.0/24"));
    nodes.put(node("n3", "1", "192.168.1.1", "10.96.3.0/24"));
    nodes.put(node("n4", "1", "192.168.1.4", "10.96.4.1/24"));

    assertThat(reason("n2")).isEqualTo("PodCIDRConflict");
    assertThat(reason("n3")).isEqualTo("NodeAddressConflict");
    assertThat(reason("n4")).isEqualTo("InvalidPodCIDR");
  }

  @Test
  void shouldKnowItselfOnceItsNodeObjectSaysEnough() throws ConfigException {
    AgentConfig config =
        ConfigReader.parse("f", "nodeName: n1\nserviceCidrs: [100.64.0.0/16]", name -> "");

    assertThat(SelfNode.of(node("n1", "1", "192.168.1.1", "10.96.0.0/24"), config))
        .isEqualTo(new SelfNode.Known(SELF));
    assertThat(SelfNode.of(node("n1", "1", "192.168.1.1"), config))
        .asString()
        .contains("no IPv4 network in spec.podCIDRs");
    assertThat(SelfNode.of(node("n1", "1", "fd00::1", "10.96.0.0/24"), config))
        .asString()
        .contains("no IPv4 InternalIP");
    assertThat(SelfNode.of(node("n1", "1", "192.168.1.1", "100.64.1.0/24"), config))
        .asString()
        .contains("overlaps the service network 100.64.0.0/16");
  }
}
