package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two nodes that say they are ready lose not even the first packet between their pods, though the
 * userspace datapath throws away what it has no Ethernet address for. Each test sends one datagram.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class FirstPacketTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final String MANIFEST =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: one, namespace: default}
      spec: {nodeName: node-1, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: two, namespace: default}
      spec: {nodeName: node-2, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
      """;
  private final String name = "f" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox = unset();

  @SuppressWarnings("NullAway")
  private static Sandbox unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), Progress.silent());
    Manifests.apply(view().client(), MANIFEST);
    await()
        .atMost(LIMIT)
        .until(() ->
            List.of("one", "two").stream()
                .allMatch(pod ->
                    Pods.isReady(
                        view().client().pods().inNamespace("default").withName(pod).get())));
  }

  @AfterAll
  void down() {
    Sandbox.remove(name);
  }

  @Test
  void afterTheStart() throws IOException {
    assertThat(datagram("one", "two")).isEqualTo("two first");
    assertThat(datagram("two", "one")).isEqualTo("one first");
  }

  @Test
  void afterTheAgentsStartedOnSwitchesThatHadForgottenTheirPeers() throws IOException {
    for (SandboxNode node : view().nodes()) {
      node.agent().stop("KILL");
      node.ovs().appctl("tnl/neigh/flush");
      node.namespace().ip("neigh flush dev br-underlay");
    }
    for (SandboxNode node : view().nodes()) {
      view().restart(node.name(), SandboxNode.Part.AGENT, "TERM");
    }
    view().nodes().forEach(node -> await().atMost(LIMIT).until(node.agent()::isReady));

    assertThat(datagram("one", "two")).isEqualTo("two first");
    assertThat(datagram("two", "one")).isEqualTo("one first");
  }

  @Test
  void afterTheSwitchesStartedAnew() throws IOException {
    List<Integer> before = view().nodes().stream().map(FirstPacketTest::connects).toList();
    for (SandboxNode node : view().nodes()) {
      view().restart(node.name(), SandboxNode.Part.OVS_VSWITCHD, "KILL");
    }
    for (int i = 0; i < before.size(); i++) {
      SandboxNode node = view().nodes().get(i);
      int old = before.get(i);
      await().atMost(LIMIT).until(() -> connects(node) > old && node.agent().isReady());
    }

    assertThat(datagram("one", "two")).isEqualTo("two first");
    assertThat(datagram("two", "one")).isEqualTo("one first");
  }

  @Test
  void aNodeThatDoesNotAnswerKeepsNoOtherFromGettingReady() {
    SandboxNode dead = view().nodes().get(1);
    SandboxNode node = view().nodes().get(0);
    dead.namespace().ip("link set uplink down");
    try {
      node.agent().stop("KILL");
      node.ovs().appctl("tnl/neigh/flush");
      node.namespace().ip("neigh flush dev br-underlay");
      view().restart(node.name(), SandboxNode.Part.AGENT, "TERM");

      await().atMost(Duration.ofSeconds(30)).until(node.agent()::isReady);
      assertThat(node.agent().hearsEveryPeer()).isFalse();
    } finally {
      dead.namespace().ip("link set uplink up");
    }
    await().atMost(LIMIT).until(node.agent()::hearsEveryPeer);
  }

  /** How often the agent has connected to its switch. */
  private static int connects(SandboxNode node) {
    try {
      JsonNode status = new ObjectMapper().readTree(node.agent().get("/status").body());
      return status.at("/connections/openflowConnects").asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String datagram(String from, String to) throws IOException {
    String address =
        Pods.address(view().client().pods().inNamespace("default").withName(to).get())
            .orElseThrow();
    return new Probe(view().pod("default", from), ANSWER).udp(address, 80, "first");
  }
}
