package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A real agent process in a network namespace of its own, with its own Open vSwitch, against an API
 * server in this process.
 */
@Tag("system")
class AgentSystemTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  private static Service service(String name, String ip) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("shop")
        .endMetadata()
        .withNewSpec()
        .withClusterIP(ip)
        .addNewPort()
        .withName("http")
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }

  private static EndpointSlice slice(String service, String... addresses) {
    EndpointSliceBuilder slice =
        new EndpointSliceBuilder()
            .withNewMetadata()
            .withName(service + "-a")
            .withNamespace("shop")
            .addToLabels("kubernetes.io/service-name", service)
            .endMetadata()
            .withAddressType("IPv4")
            .addNewPort()
            .withName("http")
            .withPort(8080)
            .endPort();
    for (String address : addresses) {
      slice.addNewEndpoint().withAddresses(address).endEndpoint();
    }
    return slice.build();
  }

  private static long age(String flow) {
    return Long.parseLong(flow.replaceAll(".*duration=(\\d+)[.s].*", "$1"));
  }

  @Test
  void shouldServeWhatTheApiSaysAndAdoptItAfterARestart() throws Exception {
    try (AgentFixture node = new AgentFixture("100.64.0.0/16")) {
      KubernetesClient client = node.client;
      // given a node whose pod network is not assigned yet
      Process first = node.startAgent();
      await()
          .atMost(AgentFixture.START)
          .untilAsserted(() -> assertThat(node.log()).contains("there is no Node n1"));
      assertThat(node.page("/readyz")).contains("there is no Node n1");
      assertThat(node.page("/healthz")).isEqualTo("ok\n");

      // when it is, with a peer and services
      IntStream.range(0, 10)
          .forEach(i -> client.resource(service("s" + i, "100.64.0." + (i + 1))).create());
      client.resource(slice("s0", "10.96.0.4", "10.96.1.3")).create();
      node.node("n2", List.of("198.51.100.2"), "10.96.1.0/24");
      node.node("n1", List.of(node.address()), "10.96.0.0/24");
      node.awaitReady();

      // then the switch and the host have them
      assertThat(node.flows("table=17")).filteredOn(f -> f.contains("100.64.0.")).hasSize(10);
      assertThat(node.ovs.ofctl("dump-groups", "br-int"))
          .contains("10.96.0.4:8080")
          .contains("10.96.1.3:8080");
      assertThat(node.flows("table=30")).anyMatch(f -> f.contains("nw_dst=10.96.1.0/24"));
      assertThat(node.namespace.run("ip", "route", "show", "dev", "gw0"))
          .contains("10.96.1.0/24 via 169.254.0.253")
          .contains("100.64.0.0/16");
      assertThat(node.namespace.run("nft", "list", "table", "inet", "seine"))
          .contains("masquerade");

      // when endpoints change
      client.resource(slice("s0", "10.96.4.4")).update();
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(node.ovs.ofctl("dump-groups", "br-int"))
                  .contains("10.96.4.4:8080")
                  .doesNotContain("10.96.0.4:8080"));

      // and a node goes
      client.nodes().withName("n2").delete();
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(node.flows("table=30")).noneMatch(f -> f.contains("10.96.1.0/24"));
            assertThat(node.namespace.run("ip", "route", "show", "dev", "gw0"))
                .doesNotContain("10.96.1.0/24");
          });

      // when the agent is killed and another started
      List<String> before = node.flows("table=17");
      await().atMost(SOON).until(() -> node.flows("table=17").stream().allMatch(f -> age(f) >= 2));
      first.destroyForcibly().waitFor();
      Process second = node.startAgent();
      node.awaitReady();

      // then every flow is still the one that the first had made
      assertThat(node.flows("table=17")).hasSameSizeAs(before).allMatch(f -> age(f) >= 2);

      // when someone alters the switch
      node.ovs.ofctl("add-flow", "br-int", "table=17,priority=7,tcp,actions=drop");
      node.ovs.ofctl(
          "--strict",
          "del-flows",
          "br-int",
          before.stream()
              .filter(f -> f.contains("nw_dst=100.64.0.3"))
              .map(f -> f.replaceAll(".*(priority=\\S+) actions.*", "table=17,$1"))
              .findFirst()
              .orElseThrow());
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(node.flows("table=17"))
                .hasSameSizeAs(before)
                .noneMatch(f -> f.contains("priority=7,"));
            assertThat(node.page("/metrics"))
                .contains("seine_agent_drift_total{kind=\"foreign\"} 1.0")
                .contains("seine_agent_drift_total{kind=\"missing\"} 1.0");
            assertThat(client.v1().events().inNamespace("default").list().getItems())
                .anyMatch(e -> e.getReason().equals("FlowDrift"));
          });

      // when the switch is killed and started
      node.ovs.killVswitchd();
      await().atMost(SOON).until(() -> !node.page("/readyz").equals("ok\n"));
      node.ovs.startVswitchd();
      node.awaitReady();

      // then its flows are back, and the agent says so
      assertThat(node.flows("table=17")).hasSameSizeAs(before);
      assertThat(node.page("/status")).contains("flows re-installed after switch restart: ");
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(node.namespace.run("ip", "route", "show", "dev", "gw0"))
                  .contains("100.64.0.0/16"));

      // when it is told to stop, it does so at once, and leaves the switch as it is
      second.destroy();
      assertThat(second.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(second.exitValue()).isZero();
      assertThat(node.flows("table=17")).hasSameSizeAs(before);
    }
  }
}
