package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.kubelet.CniFailure;
import io.seine.sandbox.kubelet.CniRuntime;
import io.seine.sandbox.kubelet.CniRuntime.Attachment;
import io.seine.sandbox.kubelet.Responder;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Commands;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Every CNI operation through the real executable, against a running agent with few addresses. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class CniLifecycleTest implements Diagnostics.OnSandbox {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  /** A /29 less its network, broadcast and gateway addresses. */
  private static final int ADDRESSES = 5;

  private static final int HOST_PORT = 8088;
  private static final String ALONE =
      """
      {"cniVersion": "%VERSION%", "name": "seine",
       "plugins": [{"type": "seine-cni", "agentSocket": "%SOCKET%"}]}
      """;
  private static final String CHAINED =
      """
      {"cniVersion": "1.0.0", "name": "seine",
       "plugins": [
         {"type": "seine-cni", "agentSocket": "%SOCKET%"},
         {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}},
         {"type": "bandwidth", "capabilities": {"bandwidth": true}}]}
      """;
  private final String name = "l" + UUID.randomUUID().toString().substring(0, 6);
  private final List<Attachment> attached = new ArrayList<>();
  private Sandbox sandbox;
  private SandboxNode node;

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    SandboxSpec spec =
        new SandboxSpec(
                name,
                List.of(new NodeSpec("node-1", "10.244.0.0/29")),
                SandboxSpec.DEFAULT_SERVICE_CIDR,
                SandboxSpec.DEFAULT_POD_CIDR)
            .withAgentOptions(Map.of("addressRest", "0s"));
    sandbox = Sandbox.up(spec, (what, took) -> {});
    node = view().nodes().getFirst();
  }

  @AfterEach
  void disconnect() throws CniFailure {
    for (Attachment attachment : List.copyOf(attached)) {
      delete(runtime(ALONE, "1.1.0"), attachment);
    }
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void portmapAndBandwidthFollowInTheChain() throws Exception {
    CniRuntime cni = runtime(CHAINED, "1.0.0");
    Attachment pod =
        attachment(
            Map.of(
                "portMappings",
                List.of(Map.of("hostPort", HOST_PORT, "containerPort", 8080, "protocol", "tcp"))));
    JsonNode result = cni.add(pod);
    try (Responder _ =
        Responder.start(pod.netns(), List.of(8080), "chained", Map.of("pod", "chained"))) {
      Probe outside = new Probe(view().lan(), ANSWER);
      assertThat(outside.http(node.address(), HOST_PORT).pod()).isEqualTo("chained");
      // Not of the whole chain: portmap's before 1.2 asks for rules of both address families.
      runtime(ALONE, "1.0.0").check(pod, result);
    }
    cni.del(pod, Optional.of(result), true);
    cni.del(pod, Optional.of(result), false);
    assertThat(node.run("iptables-save", "-t", "nat").out()).doesNotContain("dport " + HOST_PORT);
  }

  @Test
  void everyVersionGetsAResultOfItsOwnForm() throws Exception {
    for (String version : List.of("0.3.1", "0.4.0", "1.0.0", "1.1.0")) {
      CniRuntime cni = runtime(ALONE, version);
      Attachment pod = attachment(Map.of());
      JsonNode result = cni.add(pod);
      assertThat(result.path("cniVersion").asText()).isEqualTo(version);
      JsonNode ip = result.path("ips").path(0);
      assertThat(ip.path("address").asText()).startsWith("10.244.0.").endsWith("/29");
      assertThat(ip.path("gateway").asText()).isEqualTo("10.244.0.1");
      assertThat(ip.path("version").asText()).isEqualTo(version.startsWith("0.") ? "4" : "");
      if (version.equals("0.3.1")) {
        assertThatThrownBy(() -> cni.check(pod, result)).hasMessageContaining("(code 1)");
      } else {
        cni.check(pod, result);
      }
      delete(cni, pod);
    }
  }

  @Test
  void aCheckOfAPodWhoseAddressIsGoneFails() throws Exception {
    CniRuntime cni = runtime(ALONE, "1.1.0");
    Attachment pod = attachment(Map.of());
    JsonNode result = cni.add(pod);
    pod.netns().ip("addr flush dev eth0");
    assertThatThrownBy(() -> cni.check(pod, result)).isInstanceOf(CniFailure.class);
  }

  @Test
  void gcRemovesWhatTheRuntimeHasNoMore() throws Exception {
    CniRuntime cni = runtime(ALONE, "1.1.0");
    Attachment kept = attachment(Map.of());
    Attachment lost = attachment(Map.of());
    JsonNode result = cni.add(kept);
    var _ = cni.add(lost);
    assertThat(podPorts()).hasSize(2);
    Commands.Result gc =
        invoke(
            "GC",
            """
            {"cniVersion":"1.1.0","name":"seine","type":"seine-cni","agentSocket":"%s",
             "cni.dev/valid-attachments":[{"containerID":"%s","ifname":"eth0"}]}
            """
                .formatted(node.agent().cniSocket(), kept.containerId()));
    assertThat(gc.exit()).as(gc.out()).isZero();
    assertThat(podPorts()).hasSize(1);
    cni.check(kept, result);
  }

  @Test
  void statusAndVersionAnswerAndSayWhenTheAgentIsAway() throws Exception {
    assertThat(invoke("STATUS", config()).exit()).isZero();
    Commands.Result version = invoke("VERSION", "{\"cniVersion\":\"1.1.0\"}");
    assertThat(version.exit()).isZero();
    assertThat(versions(version)).contains("0.3.1", "0.4.0", "1.0.0", "1.1.0");
    node.agent().stop("KILL");
    try {
      Commands.Result status = invoke("STATUS", config());
      assertThat(status.exit()).isEqualTo(1);
      assertThat(JSON.readTree(status.out()).path("code").asInt()).isEqualTo(50);
      assertThatThrownBy(() -> runtime(ALONE, "1.1.0").add(attachment(Map.of())))
          .hasMessageContaining("(code 11)")
          .hasMessageContaining("did not answer");
    } finally {
      node.agent().start(JavaCommand.current());
      await().atMost(LIMIT).until(() -> node.agent().isReady());
    }
    await().atMost(LIMIT).until(() -> invoke("STATUS", config()).ok());
  }

  @Test
  void withoutAFreeAddressNothingIsHalfDoneAndTheNodeSaysSo() throws Exception {
    CniRuntime cni = runtime(ALONE, "1.1.0");
    for (int i = 0; i < ADDRESSES; i++) {
      var _ = cni.add(attachment(Map.of()));
    }
    FlowDump before = FlowDump.of(node);
    List<String> ports = podPorts();
    String links = node.run("ip", "-o", "link").out();
    Attachment tooMany = attachment(Map.of());

    assertThatThrownBy(() -> cni.add(tooMany))
        .hasMessageContaining("no IPv4 address for a pod is free in 10.244.0.0/29")
        .hasMessageContaining(String.valueOf(ADDRESSES))
        .hasMessageContaining("(code 11)");

    assertThat(podPorts()).isEqualTo(ports);
    assertThat(node.run("ip", "-o", "link").out()).isEqualTo(links);
    assertThat(FlowDump.of(node).flows().keySet()).isEqualTo(before.flows().keySet());
    assertThat(tooMany.netns().hasDevice("eth0")).isFalse();
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(view().client().v1().events().inAnyNamespace().list().getItems())
                .anySatisfy(event -> {
                  assertThat(event.getReason()).isEqualTo("PodAddressesExhausted");
                  assertThat(event.getInvolvedObject().getName()).isEqualTo("node-1");
                }));
    delete(cni, attached.getFirst());
    await()
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(cni.add(tooMany).path("ips")).hasSize(1));
  }

  private CniRuntime runtime(String conflist, String version) {
    return new CniRuntime(
        node.namespace(),
        CniPlugins.directories(),
        CniPlugins.forNode(conflist, node.agent().cniSocket()).replace("%VERSION%", version));
  }

  private Attachment attachment(Map<String, Object> capabilities) {
    String id = UUID.randomUUID().toString().replace("-", "");
    Namespace netns = Namespace.create(view().layout().podNamespacePrefix() + id.substring(0, 10));
    Attachment made =
        new Attachment(id, netns, "life", "pod-" + id.substring(0, 4), "uid-" + id, capabilities);
    attached.add(made);
    return made;
  }

  private void delete(CniRuntime cni, Attachment pod) throws CniFailure {
    cni.del(pod, Optional.empty(), true);
    pod.netns().delete();
    cni.del(pod, Optional.empty(), false);
    attached.remove(pod);
  }

  private Commands.Result invoke(String command, String stdin) {
    return Commands.run(
        Map.of("CNI_COMMAND", command, "CNI_PATH", CniPlugins.find().getParent() + ""),
        stdin,
        node.namespace().entering(List.of(CniPlugins.find().toString())));
  }

  private String config() {
    return "{\"cniVersion\":\"1.1.0\",\"name\":\"seine\",\"type\":\"seine-cni\",\"agentSocket\":\"%s\"}"
        .formatted(node.agent().cniSocket());
  }

  private static List<String> versions(Commands.Result result) throws JsonProcessingException {
    List<String> versions = new ArrayList<>();
    JSON.readTree(result.out()).path("supportedVersions").forEach(v -> versions.add(v.asText()));
    return versions;
  }

  private List<String> podPorts() {
    return node.ovs()
        .vsctl("list-ports", "br-int")
        .lines()
        .filter(port -> !port.equals("tun0") && !port.equals("gw0"))
        .sorted()
        .toList();
  }
}
