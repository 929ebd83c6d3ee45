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
import java.util.Optional;
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
  void shouldKnowAPeerByItsAddressAndItsNetworksOfTheFamiliesThereAreHere() {
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

    assertThat(nodes.translate("n2").fact()).isEmpty();
    assertThat(nodes.translate("n2").problems()).isEmpty();
    assertThat(nodes.translate("n3").fact()).isEmpty();
    assertThat(reason("n3")).as("it has one, but no IPv4").isEqualTo("PodCIDRFamilyMissing");
  }

  @Test
  void shouldKnowTheNetworksOfBothFamiliesWhereThisNodeHasBoth() {
    Nodes dual = new Nodes(dualStack("192.168.1.1"));
    dual.put(node("n2", "1", "192.168.1.2", "10.96.1.0/24", "fd00:10:1::/64", "fd00:99::/64"));
    dual.put(node("n3", "1", "192.168.1.3", "10.96.2.0/24"));
    dual.put(node("n4", "1", "192.168.1.4", "fd00:10::/48", "10.96.4.0/24"));
    dual.put(node("n5", "2", "192.168.1.5", "nonsense", "10.96.5.0/24", "fd00:10:5::/64"));

    assertThat(dual.translate("n2"))
        .isEqualTo(
            new Nodes.Translation(
                Optional.of(
                    new PeerNode(
                        "n2",
                        Ip.parse("192.168.1.2"),
                        List.of(IpPrefix.parse("10.96.1.0/24"), IpPrefix.parse("fd00:10:1::/64")))),
                List.of()));
    // of the others what can be served is served, and the rest is said
    assertThat(dual.translate("n3").fact().orElseThrow().podCidrs())
        .containsExactly(IpPrefix.parse("10.96.2.0/24"));
    assertThat(dual.translate("n3").problems())
        .singleElement()
        .satisfies(p -> {
          assertThat(p.reason()).isEqualTo("PodCIDRFamilyMissing");
          assertThat(p.message()).contains("its pods have no IPv6");
        });
    assertThat(dual.translate("n4").fact().orElseThrow().podCidrs())
        .containsExactly(IpPrefix.parse("10.96.4.0/24"));
    assertThat(dual.translate("n4").problems())
        .singleElement()
        .satisfies(p -> {
          assertThat(p.reason()).isEqualTo("PodCIDRConflict");
          assertThat(p.message()).contains("fd00:10::/48 overlaps fd00:10::/64 of node n1");
        });
    assertThat(dual.translate("n5").fact().orElseThrow().podCidrs()).hasSize(2);
    assertThat(dual.translate("n5").problems().getFirst().reason()).isEqualTo("InvalidPodCIDR");
  }

  @Test
  void shouldReachAPeerByTheFamilyThatTheTunnelsRunOver() {
    NodeInfo both =
        new NodeInfo(
            ObjectRef.node("n2", "u"),
            "1",
            List.of("192.168.1.2", "fe80::2", "fd00:192::2"),
            List.of("fd00:10:1::/64"));
    NodeInfo one =
        new NodeInfo(
            ObjectRef.node("n3", "u"), "1", List.of("192.168.1.3"), List.of("fd00:10:3::/64"));
    Nodes six = new Nodes(dualStack("fd00:192::1"));
    six.put(both);
    six.put(one);

    assertThat(six.translate("n2").fact().orElseThrow().nodeAddress())
        .isEqualTo(Ip.parse("fd00:192::2"));
    assertThat(six.translate("n3").fact()).isEmpty();
    assertThat(six.translate("n3").problems())
        .extracting(p -> p.reason())
        .contains("NodeAddressFamily");
  }

  private static LocalNode dualStack(String address) {
    return new LocalNode(
        "n1",
        Ip.parse(address),
        List.of(
            LocalNode.Network.of(IpPrefix.parse("10.96.0.0/24")),
            LocalNode.Network.of(IpPrefix.parse("fd00:10::/64"))),
        List.of(),
        List.of(Ip.parse(address)),
        1,
        2);
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
        .contains("no network in spec.podCIDRs");
    assertThat(SelfNode.of(node("n1", "1", "host.example", "10.96.0.0/24"), config))
        .asString()
        .contains("no InternalIP");
    assertThat(SelfNode.of(node("n1", "1", "192.168.1.1", "10.96.0.0/24", "fd00::/127"), config))
        .asString()
        .contains("pod CIDR fd00::/127 must have a prefix length from 0 to 125");
    assertThat(SelfNode.of(node("n1", "1", "192.168.1.1", "100.64.1.0/24"), config))
        .asString()
        .contains("overlaps the service network 100.64.0.0/16");
  }

  private static LocalNode known(NodeInfo info, String more) throws ConfigException {
    AgentConfig config =
        ConfigReader.parse(
            "f",
            "nodeName: n1\nserviceCidrs: [100.64.0.0/16, 'fd00:5::/112']\n" + more,
            name -> "");
    return ((SelfNode.Known) SelfNode.of(info, config)).node();
  }

  @Test
  void shouldKnowItsNetworksOfBothFamiliesAndItsOwnAddresses() throws ConfigException {
    NodeInfo info =
        new NodeInfo(
            ObjectRef.node("n1", "u"),
            "1",
            List.of("fd00:192::1", "192.168.1.1"),
            List.of("203.0.113.1", "fe80::1"),
            List.of("fd00:10::/64", "10.96.0.0/24"),
            "",
            0);

    LocalNode node = known(info, "");

    assertThat(node.networks())
        .extracting(n -> n.gateway().toString())
        .containsExactly("fd00:10::1", "10.96.0.1");
    assertThat(node.nodeAddress()).as("tunnels prefer IPv4").isEqualTo(Ip.parse("192.168.1.1"));
    assertThat(node.serviceCidrs()).hasSize(2);
    assertThat(node.addresses())
        .extracting(Ip::toString)
        .containsExactly("fd00:192::1", "192.168.1.1", "203.0.113.1");
    assertThat(known(info, "transportAddress: 'fd00:192::1'").nodeAddress())
        .isEqualTo(Ip.parse("fd00:192::1"));
    assertThat(known(node("n1", "1", "fd00:192::1", "fd00:10::/64"), "").nodeAddress())
        .as("where there is nothing else")
        .isEqualTo(Ip.parse("fd00:192::1"));
  }
}
