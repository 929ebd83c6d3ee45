package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Services that are others' to serve are left to them, and beside kube-proxy nothing is served. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class CoOperationTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Set<String> WEB = Set.of("web-1");
  private static final String SKIPPED_ADDRESS = "10.96.0.53";
  private static final int KUBE_PROXY = 10_249;
  private static final String EXTERNAL = "198.51.100.130";

  /** A service with its labels, external address and further fields in YAML. */
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: %s, labels: {%s}}
      spec:
        type: NodePort
        %s
        selector: {app: web}
        ports:
        - {name: t, port: 80, targetPort: 8080}
        - {name: u, port: 80, protocol: UDP, targetPort: 8080}
      """;

  private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name: ";

  @SuppressWarnings("NullAway.Init")
  private ServiceCluster cluster;

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void up() {
    cluster =
        ServiceCluster.ofOneNode(
            Map.of("skipServices", List.of("skipping/by-name", SKIPPED_ADDRESS)));
  }

  @AfterAll
  void down() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void aServiceOfAnotherProxyIsNotServedUntilItsLabelGoes() {
    try (Scene scene = cluster.scene()) {
      scene.web(1);
      String external = "externalIPs: [%s]".formatted(EXTERNAL);
      cluster.route(cluster.outside(1), EXTERNAL, 1);
      for (int turn = 0; turn < 2; turn++) {
        scene.apply(SERVICE.formatted("labelled", PROXY_NAME + "another", external));
        assertUnserved(scene, "labelled");
        scene.unanswered(cluster.outside(1), Target.tcp(EXTERNAL, 80));

        scene.apply(SERVICE.formatted("labelled", "", external));
        assertServed(scene, "labelled");
        scene.answered(cluster.outside(1), Target.tcp(EXTERNAL, 80), WEB);
      }
    }
  }

  @Test
  void skippedServicesAreNotServedByNameOrByClusterIp() {
    try (Scene scene = new Scene(cluster, "skipping")) {
      scene.web(1);
      scene.apply(SERVICE.formatted("by-name", "", ""));
      scene.apply(SERVICE.formatted("by-address", "", "clusterIP: " + SKIPPED_ADDRESS));
      scene.apply(SERVICE.formatted("served", "", ""));

      // when the last of them is served, those before it would be too
      assertServed(scene, "served");
      assertThat(scene.clusterIp("by-address")).isEqualTo(SKIPPED_ADDRESS);
      assertUnserved(scene, "by-name");
      assertUnserved(scene, "by-address");
    }
    // and the same name in another namespace is another service
    try (Scene scene = cluster.scene()) {
      scene.web(1);
      scene.apply(SERVICE.formatted("by-name", "", ""));
      assertServed(scene, "by-name");
    }
  }

  @Test
  void besideKubeProxyTheAgentDoesNotStartAndSaysWhatToDo() throws IOException {
    SandboxNode node = cluster.sandboxNode(1);
    AgentProcess agent = node.agent();
    agent.stop("TERM");
    HttpServer kubeProxy = kubeProxy(node);
    try {
      Commands.Result result = Commands.run(node.namespace().entering(mainOf(agent)));

      assertThat(result.exit()).as(result.toString()).isEqualTo(1);
      assertThat(result.err() + result.out())
          .contains("kube-proxy runs on this node")
          .contains("kubectl -n kube-system delete daemonset kube-proxy")
          .contains("kube-proxy --cleanup")
          .contains("serviceProxyName");
    } finally {
      kubeProxy.stop(0);
      start(agent);
    }
  }

  @Test
  void withAProxyNameItServesItsOwnServicesBesideKubeProxy() throws IOException {
    AgentProcess agent = cluster.sandboxNode(1).agent();
    String config = Files.readString(agent.configFile());
    agent.stop("TERM");
    HttpServer kubeProxy = kubeProxy(cluster.sandboxNode(1));
    try (Scene scene = cluster.scene()) {
      Files.writeString(agent.configFile(), "serviceProxyName: seine\n", StandardOpenOption.APPEND);
      start(agent);
      scene.web(1);
      scene.apply(SERVICE.formatted("kube-proxys", "", ""));
      scene.apply(SERVICE.formatted("anothers", PROXY_NAME + "another", ""));
      scene.apply(SERVICE.formatted("ours", PROXY_NAME + "seine", ""));

      assertServed(scene, "ours");
      assertUnserved(scene, "kube-proxys");
      assertUnserved(scene, "anothers");
    } finally {
      kubeProxy.stop(0);
      agent.stop("TERM");
      Files.writeString(agent.configFile(), config);
      start(agent);
    }
  }

  private void assertServed(Scene scene, String service) {
    for (Target target : internal(scene, service)) {
      scene.answered(cluster.pod(1), target, WEB);
      scene.answered(cluster.node(1), target, WEB);
    }
    for (Target target : nodePorts(scene, service)) {
      scene.answered(cluster.outside(1), target, WEB);
      scene.answered(cluster.pod(1), target, WEB);
    }
  }

  private void assertUnserved(Scene scene, String service) {
    for (Target target : internal(scene, service)) {
      scene.unanswered(cluster.pod(1), target);
      scene.unanswered(cluster.node(1), target);
    }
    for (Target target : nodePorts(scene, service)) {
      scene.unanswered(cluster.outside(1), target);
      scene.unanswered(cluster.pod(1), target);
    }
  }

  private static List<Target> internal(Scene scene, String service) {
    String address = scene.clusterIp(service);
    return List.of(Target.tcp(address, 80), Target.udp(address, 80));
  }

  private List<Target> nodePorts(Scene scene, String service) {
    String address = cluster.sandboxNode(1).address();
    return List.of(
        Target.tcp(address, scene.nodePort(service, "t")),
        Target.udp(address, scene.nodePort(service, "u")));
  }

  /** Answers as kube-proxy does where it serves its metrics. */
  private static HttpServer kubeProxy(SandboxNode node) {
    HttpServer server =
        node.namespace()
            .call(() ->
                HttpServer.create(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), KUBE_PROXY), 0));
    byte[] mode = "nftables".getBytes(StandardCharsets.US_ASCII);
    server.createContext(
        "/proxyMode",
        exchange -> {
          exchange.sendResponseHeaders(200, mode.length);
          exchange.getResponseBody().write(mode);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static List<String> mainOf(AgentProcess agent) {
    return JavaCommand.current()
        .running("io.seine.agent.Main", List.of("--config", agent.configFile().toString()));
  }

  private static void start(AgentProcess agent) {
    agent.start(JavaCommand.current());
    await().atMost(LIMIT).until(agent::isReady);
  }
}
