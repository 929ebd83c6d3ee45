package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.JavaCommand;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** A pod that may connect to the addresses of some domain names only, with a DNS server. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class DomainNamesTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String NAME = "www.example.org";
  private static final String SYSTEM = "kube-system";
  private static final String DNS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: dns, namespace: kube-system, labels: {app: dns}}
      spec: {nodeName: node-2, containers: [{name: c, image: i, ports: [{containerPort: 9}]}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: kube-dns, namespace: kube-system}
      spec: {selector: {app: dns}, ports: [{name: dns, port: 53, protocol: UDP}]}
      """;
  private static final String POLICY =
      """
      apiVersion: policy.networking.k8s.io/v1alpha2
      kind: ClusterNetworkPolicy
      metadata: {name: names}
      spec:
        tier: Admin
        priority: 3
        subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: resolver}}}}
        egress:
        - {action: Accept, to: [{domainNames: ["*.example.org"]}], protocols: [{tcp: {destinationPort: {number: 8080}}}]}
        - {action: Accept, to: [{networks: ["0.0.0.0/0"]}], protocols: [{udp: {destinationPort: {number: 53}}}]}
        - {action: Deny, to: [{networks: ["0.0.0.0/0"]}]}
      """;
  private final ServiceCluster cluster;
  private final Scene scene;

  @SuppressWarnings("NullAway.Init")
  private NameServer server;

  @SuppressWarnings("NullAway.Init")
  private String service;

  @SuppressWarnings("NullAway.Init")
  private Place client;

  DomainNamesTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void begin() {
    scene.apply(DNS);
    scene.pod("client", 1, "resolver", "{containerPort: 9}");
    scene.web(2, 3);
    await().atMost(LIMIT).until(() -> Pods.isReady(dnsPod()));
    server = new NameServer(new Place("dns", view().pod(SYSTEM, "dns"), Pods.addresses(dnsPod())));
    service =
        await()
            .atMost(LIMIT)
            .ignoreExceptions()
            .until(this::serviceAddress, address -> !address.isEmpty());
    client = scene.place("client");
    server.answer("warm.example.org", 5, "192.0.2.1");
    scene.apply(POLICY);
    await().atMost(LIMIT).until(() -> ask("web-2") instanceof Reply.Dropped);
    await()
        .atMost(LIMIT)
        .until(() -> NameServer.resolve(client, service, "warm.example.org").isPresent());
  }

  @AfterAll
  void end() throws Exception {
    scene.delete(POLICY);
    if (server != null) {
      server.close();
    }
    scene.delete(DNS);
    scene.close();
  }

  private Pod dnsPod() {
    return Objects.requireNonNull(
        view().client().pods().inNamespace(SYSTEM).withName("dns").get(), "dns");
  }

  private String serviceAddress() {
    return view()
        .client()
        .services()
        .inNamespace(SYSTEM)
        .withName("kube-dns")
        .get()
        .getSpec()
        .getClusterIP();
  }

  private Reply ask(String pod) {
    return client.ask(Target.tcp(scene.place(pod).address(), 8080));
  }

  private void resolve(String pod, int ttl) {
    String address = scene.place(pod).address();
    server.answer(NAME, ttl, address);
    assertThat(NameServer.resolve(client, service, NAME)).contains(List.of(address));
  }

  @Test
  @Order(1)
  void anAddressIsOpenWhenTheAnswerIsThereAndNoOtherIs() {
    assertThat(ask("web-2")).isInstanceOf(Reply.Dropped.class);

    resolve("web-2", 5);

    assertThat(ask("web-2")).as("at once").isInstanceOf(Reply.Answered.class);
    assertThat(ask("web-3")).isInstanceOf(Reply.Dropped.class);
  }

  @Test
  @Order(2)
  void whenItsTimeIsOverWhatIsOpenGoesOnAndNothingElseIsOpened() throws Exception {
    resolve("web-2", 5);
    try (KeptConnection kept =
        new KeptConnection(client, Target.tcp(scene.place("web-2").address(), 8080))) {
      await().atMost(LIMIT).until(() -> ask("web-2") instanceof Reply.Dropped);

      assertThat(kept.ask()).isNotEmpty();
      assertThat(ask("web-2")).isInstanceOf(Reply.Dropped.class);
      assertThat(kept.ask()).isNotEmpty();
    }
  }

  @Test
  @Order(3)
  void theAnswerOfAnotherServerOpensNothing() throws Exception {
    String address = scene.place("web-3").address();
    try (NameServer other = new NameServer(scene.place("web-3"))) {
      other.answer(NAME, 60, address);

      assertThat(NameServer.resolve(client, address, NAME)).contains(List.of(address));

      assertThat(ask("web-3")).isInstanceOf(Reply.Dropped.class);
    }
  }

  @Test
  @Order(4)
  void anAgentThatStartsAgainHasForgottenNothing() {
    resolve("web-2", 300);
    assertThat(ask("web-2")).isInstanceOf(Reply.Answered.class);
    AgentProcess agent = cluster.sandboxNode(1).agent();
    agent.stop("KILL");
    assertThat(ask("web-2")).as("while it is away").isInstanceOf(Reply.Answered.class);
    agent.start(JavaCommand.current());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> {
          assertThat(ask("web-2")).isInstanceOf(Reply.Answered.class);
          return agent.isReady();
        });

    assertThat(ask("web-2")).isInstanceOf(Reply.Answered.class);
    assertThat(ask("web-3")).isInstanceOf(Reply.Dropped.class);
  }
}
