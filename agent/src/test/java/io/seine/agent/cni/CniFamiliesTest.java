package io.seine.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import io.seine.openflow.Ip;
import io.seine.pipeline.LocalPod;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The CNI operations on nodes with an IPv6 pod network, alone or beside an IPv4 one. */
class CniFamiliesTest extends HandlerOnFakeNode {
  @Test
  void aPodOfADualStackNodeHasAnAddressOfEachFamily() throws Exception {
    pools = FakeNode.pools("10.10.1.0/24", "fd00:10:1::/64");
    handler = handler();

    InvokeReply reply = add("c1");

    assertThat(json(reply).path("ips"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"interface":1,"address":"10.10.1.2/24","gateway":"10.10.1.1"},
                 {"interface":1,"address":"fd00:10:1::2/128","gateway":"fd00:10:1::1"}]
                """));
    assertThat(json(reply).path("routes"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"dst":"0.0.0.0/0","gw":"10.10.1.1"},{"dst":"::/0","gw":"fd00:10:1::1"}]
                """));
    assertThat(node.flows)
        .extracting(LocalPod::addresses)
        .containsExactly(List.of(Ip.parse("10.10.1.2"), Ip.parse("fd00:10:1::2")));
    String conf = CONF.replace("}", ",\"prevResult\":" + json(reply) + "}");
    assertThat(invoke(request("CHECK", "c1", NETNS, conf)).getExitCode()).isZero();
    node.namespaces
        .computeIfAbsent(NETNS, path -> new HashMap<>())
        .computeIfPresent(
            "eth0", (n, f) -> FakeNode.with(f, f.mac(), 1450, f.addresses().subList(0, 1)));
    assertError(invoke(request("CHECK", "c1", NETNS, conf)), 101, "lacks address fd00:10:1::2/128");

    assertThat(invoke(request("DEL", "c1", NETNS, CONF)).getExitCode()).isZero();
    assertThat(node.isClean()).isTrue();
    pools.all().forEach(p -> assertThat(p.usage().resting()).isEqualTo(1));
  }

  @Test
  void aPodOfAnIpv6NodeHasItsMacFromTheEndOfItsAddress() throws Exception {
    pools = FakeNode.pools("fd00:10:1::/64");
    handler = handler();

    JsonNode result = json(invoke(request("ADD", "c1", NETNS, CONF.replace("1.1.0", "0.4.0"))));

    assertThat(result.at("/interfaces/1/mac").asText()).isEqualTo("0a:58:00:00:00:02");
    assertThat(result.path("ips"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"version":"6","interface":1,"address":"fd00:10:1::2/128","gateway":"fd00:10:1::1"}]
                """));
  }

  @Test
  void anMtuThatIpv6CannotWorkWithIsRefused() throws Exception {
    String conf = CONF.replace("}", ",\"mtu\":1200}");
    assertThat(invoke(request("ADD", "c1", NETNS, conf)).getExitCode()).isZero();
    invoke(request("DEL", "c1", NETNS, conf));
    pools = FakeNode.pools("10.10.1.0/24", "fd00:10:1::/64");
    handler = handler();

    assertError(invoke(request("ADD", "c1", NETNS, conf)), 7, "needs 1280 at least");
  }

  @Test
  void whereOneFamilyHasNoneLeftThePodGetsNeitherAndTheErrorNamesIt() throws Exception {
    pools = FakeNode.pools("10.10.1.0/24", "fd00:10:1::/125");
    handler = handler();
    for (int i = 0; i < 6; i++) {
      node.namespace("/run/netns/p" + i);
      assertThat(invoke(request("ADD", "p" + i, "/run/netns/p" + i, CONF)).getExitCode()).isZero();
    }

    assertError(add("c1"), 11, "no IPv6 address for a pod is free in fd00:10:1::/125: 6 in use");

    assertThat(pools.primary().usage().inUse()).isEqualTo(6);
    assertThat(node.events).hasSize(1);
  }

  @Test
  void addressesOfBothFamiliesMayBeAskedFor() throws Exception {
    pools = FakeNode.pools("10.10.1.0/24", "fd00:10:1::/64");
    handler = handler();
    String conf =
        CONF.replace("}", ",\"runtimeConfig\":{\"ips\":[\"fd00:10:1::77/64\",\"10.10.1.77\"]}}");

    JsonNode ips = json(invoke(request("ADD", "c1", NETNS, conf))).path("ips");

    assertThat(ips.findValuesAsText("address"))
        .containsExactly("10.10.1.77/24", "fd00:10:1::77/128");
    node.namespace("/run/netns/b");
    InvokeRequest more =
        request("ADD", "c2", "/run/netns/b", CONF).toBuilder()
            .setArgs("IP=10.10.1.7,10.10.1.8")
            .build();
    assertError(invoke(more), 7, "a pod has one address of a family");
    assertError(
        invoke(more.toBuilder().setArgs("IP=10.10.1.7,fd00:10:1::1:7").build()),
        7,
        "the first 65536 addresses");
    assertThat(pools.primary().usage().inUse()).isEqualTo(1);
  }

  @Test
  void podsOfTheTimeBeforeTheNodeHadASecondFamilyKeepWorking() throws Exception {
    InvokeReply first = add("c1");
    pools = FakeNode.pools("10.10.1.0/24", "fd00:10:1::/64");
    handler = handler();
    List<LocalPod> adopted = handler.adopt();

    assertThat(adopted)
        .extracting(LocalPod::addresses)
        .containsExactly(List.of(Ip.parse("10.10.1.2")));
    assertThat(add("c1")).isEqualTo(first);
    assertThat(pools.primary().usage().inUse()).isEqualTo(1);
    assertThat(pools.all().getLast().usage().inUse()).isZero();

    // and those that have an address of a family that the node has no more
    invoke(request("DEL", "c1", NETNS, CONF));
    add("c2");
    pools = FakeNode.pools("10.10.1.0/24");
    handler = handler();
    handler.adopt();
    assertThat(json(add("c2")).path("ips")).hasSize(1);
    assertThat(invoke(request("DEL", "c2", NETNS, CONF)).getExitCode()).isZero();
    assertThat(node.isClean()).isTrue();
  }
}
