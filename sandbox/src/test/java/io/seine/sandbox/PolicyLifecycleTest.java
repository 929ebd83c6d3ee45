package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.node.SandboxNode.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Policies through the life of pods, agents and switches: what a policy closes is closed from the
 * pod's first moment on, and stays so whatever restarts. On a node where namespaces are isolated by
 * default.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class PolicyLifecycleTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int ADDRESSES = 24;
  private static final double CLOCK_SLACK_SECONDS = 0.5;
  private static final String CLOSED =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata:
        name: closed
        annotations: {seine.io/log: denied}
      spec:
        podSelector: {matchLabels: {app: closed}}
        policyTypes: [Ingress]
      """;

  private ServiceCluster cluster = unset();
  private Scene scene = unset();

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void up() {
    cluster = ServiceCluster.ofOneNode(Map.of("isolateNamespaces", true));
  }

  @AfterAll
  void down() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void begin() {
    scene = cluster.scene();
    scene.apply(CLOSED);
    scene.pod("sender", 1, "sender", "{containerPort: 8080}");
    scene.awaitPods();
  }

  @AfterEach
  void end() {
    scene.delete(CLOSED);
    scene.close();
  }

  @Test
  void aPodIsClosedFromItsFirstMomentOn() {
    try (Flood flood = flood()) {
      // given datagrams to every address that a new pod may get
      await().atMost(LIMIT).until(() -> flood.rounds() > 2);

      // when pods come, and one that no policy is for
      for (int i = 0; i < 6; i++) {
        scene.pod("closed-" + i, 1, "closed", "{containerPort: 8080}");
      }
      scene.pod("open", 1, "open", "{containerPort: 8080}");
      scene.awaitPods();
      long rounds = flood.rounds();
      await().atMost(LIMIT).until(() -> flood.rounds() > rounds + 20);

      // then only that one has heard of it
      await().atMost(LIMIT).untilAsserted(() -> assertThat(received("open")).isPositive());
      for (int i = 0; i < 6; i++) {
        assertThat(received("closed-" + i)).as("closed-%d, after %s", i, flood).isZero();
      }
    }
  }

  @Test
  void anAgentThatIsKilledAndStartedWritesNoFlowAnewAndLetsNothingThrough() {
    scene.pod("closed", 1, "closed", "{containerPort: 8080}");
    scene.pod("open", 1, "open", "{containerPort: 8080}");
    scene.awaitPods();
    awaitReady();
    FlowDump before = FlowDump.of(node());
    assertThat(before.flows().values()).anyMatch(flow -> flow.table() == 47);
    long start = System.nanoTime();
    try (Flood flood = flood()) {
      await().atMost(LIMIT).until(() -> received("open") > 0);
      for (int i = 0; i < 2; i++) {
        restartAgent();
      }
      double elapsed = (System.nanoTime() - start) / 1e9;
      FlowDump after = FlowDump.of(node());
      assertThat(after.flows().keySet()).isEqualTo(before.flows().keySet());
      before
          .flows()
          .forEach((flow, then) ->
              assertThat(Objects.requireNonNull(after.flows().get(flow)).seconds())
                  .as("age of %s", flow)
                  .isGreaterThan(then.seconds() + elapsed - CLOCK_SLACK_SECONDS));
      assertThat(received("closed")).as("after %s", flood).isZero();
    }
  }

  @Test
  void whatIsDecidedWhileTheAgentIsDownHoldsWhenItIsBack() {
    scene.pod("closed", 1, "closed", "{containerPort: 8080}");
    scene.pod("open", 1, "open", "{containerPort: 8080}");
    scene.awaitPods();
    Place sender = scene.place("sender");
    scene.dropped(sender, web("closed"));
    scene.answered(sender, web("open"), Set.of("open"));
    String other = CLOSED.replace("closed", "open");

    node().agent().stop("KILL");
    scene.delete(CLOSED);
    scene.apply(other);
    node().agent().start(JavaCommand.current());
    awaitReady();

    assertThat(sender.ask(web("open"))).isInstanceOf(Place.Reply.Dropped.class);
    assertThat(sender.ask(web("closed"))).isInstanceOf(Place.Reply.Answered.class);
    scene.delete(other);
  }

  @Test
  void aSwitchThatStartsAnewForwardsNothingBeforeItHasThePolicies() {
    scene.pod("closed", 1, "closed", "{containerPort: 8080}");
    scene.pod("open", 1, "open", "{containerPort: 8080}");
    scene.awaitPods();
    awaitReady();
    try (Flood flood = flood()) {
      await().atMost(LIMIT).until(() -> received("open") > 0);
      int connects = connects();

      view().restart(node().name(), Part.OVS_VSWITCHD, "KILL");

      await().atMost(LIMIT).until(() -> connects() > connects && node().agent().isReady());
      long heard = received("open");
      await().atMost(LIMIT).until(() -> received("open") > heard + 10);
      assertThat(received("closed")).as("after %s", flood).isZero();
    }
    scene.dropped(scene.place("sender"), web("closed"));
  }

  @Test
  void aNamespaceIsReachedFromItsOwnPodsAndTheNodeUnlessItsLabelSaysOtherwise() {
    String manifest =
        Scenarios.text("namespaces.yaml").replace("spec: {", "spec: {nodeName: node-1, ");
    scene.apply(manifest);
    try {
      await().atMost(LIMIT).until(() -> isReady("ns-dev", 2) && isReady("ns-prod", 1));
      Place wordpress = place("ns-dev", "wordpress");
      Place mysql = place("ns-dev", "wordpress-mysql");
      Place nginx = place("ns-prod", "nginx-local");
      Target toWordpress = Target.tcp(wordpress.address(), 80);
      Target toMysql = Target.tcp(mysql.address(), 3306);
      Target toNginx = Target.tcp(nginx.address(), 80);

      scene.answered(wordpress, toMysql, Set.of("wordpress-mysql"));
      scene.answered(mysql, toWordpress, Set.of("wordpress"));
      scene.dropped(nginx, toWordpress);
      scene.dropped(wordpress, toNginx);
      scene.answered(cluster.node(1), toWordpress, Set.of("wordpress"));
      scene.answered(cluster.node(1), toNginx, Set.of("nginx-local"));

      label("ns-dev", "disabled");
      scene.answered(nginx, toWordpress, Set.of("wordpress"));
      scene.dropped(wordpress, toNginx);

      label("ns-dev", "enabled");
      scene.dropped(nginx, toWordpress);
      scene.answered(mysql, toWordpress, Set.of("wordpress"));
    } finally {
      scene.delete(manifest);
      await().atMost(LIMIT).until(() -> pods("ns-dev") + pods("ns-prod") == 0);
    }
  }

  @Test
  void whatAPolicyDeniesIsLoggedAndCounted() {
    scene.pod("closed", 1, "closed", "{containerPort: 8080}");
    scene.awaitPods();
    Place sender = scene.place("sender");
    scene.dropped(sender, web("closed"));

    String policy = "networkpolicy/" + scene.namespace() + "/closed";
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(Files.readString(node().agent().log()))
                .contains(
                    "connection denied: direction=ingress policy=%s rule=default source=%s/sender"
                            .formatted(policy, scene.namespace())
                        + " sourceAddress=%s destination=%s/closed destinationAddress=%s"
                            .formatted(
                                sender.address(),
                                scene.namespace(),
                                scene.place("closed").address())
                        + " protocol=TCP sourcePort=")
                .contains(" port=8080 dryRun=false"));
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(node().agent().get("/metrics").body())
                .containsPattern(
                    "seine_policy_connections_total\\{direction=\"ingress\",dry_run=\"false\","
                        + "policy=\""
                        + policy
                        + "\",rule=\"default\",verdict=\"deny\"} [1-9]"));
    assertThat(node().agent().get("/status").body()).contains("\"networkPolicies\" : 1");
  }

  private Flood flood() {
    List<String> addresses = new ArrayList<>();
    Cidr cidr = Cidr.parse(node().podCidrs().getFirst());
    String own = scene.place("sender").address();
    IntStream.rangeClosed(2, ADDRESSES + 1).mapToObj(cidr::at).forEach(addresses::add);
    addresses.remove(own);
    return Flood.start(scene.place("sender"), addresses);
  }

  private long received(String pod) {
    return Flood.received(view().pod(scene.namespace(), pod));
  }

  private Target web(String pod) {
    return Target.tcp(scene.place(pod).address(), 8080);
  }

  private SandboxNode node() {
    return cluster.sandboxNode(1);
  }

  private void awaitReady() {
    await().atMost(LIMIT).until(() -> node().agent().isReady());
  }

  private void restartAgent() {
    node().agent().stop("KILL");
    node().agent().start(JavaCommand.current());
    awaitReady();
  }

  private int connects() {
    try {
      return new ObjectMapper()
          .readTree(node().agent().get("/status").body())
          .at("/connections/openflowConnects")
          .asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Place place(String namespace, String pod) {
    return new Place(
        pod,
        view().pod(namespace, pod),
        Pods.addresses(view().client().pods().inNamespace(namespace).withName(pod).get()));
  }

  private boolean isReady(String namespace, int count) {
    var pods = view().client().pods().inNamespace(namespace).list().getItems();
    return pods.size() == count && pods.stream().allMatch(Pods::isReady);
  }

  private int pods(String namespace) {
    return view().client().pods().inNamespace(namespace).list().getItems().size();
  }

  private void label(String namespace, String isolation) {
    var _ =
        view()
            .client()
            .namespaces()
            .withName(namespace)
            .edit(n ->
                new NamespaceBuilder(n)
                    .editMetadata()
                    .addToLabels("seine.io/isolation", isolation)
                    .endMetadata()
                    .build());
  }
}
