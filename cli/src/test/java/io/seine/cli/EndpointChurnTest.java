package io.seine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.seine.sandbox.LogTail;
import io.seine.sandbox.Manifests;
import io.seine.sandbox.Probe;
import io.seine.sandbox.QuietLogging;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import picocli.CommandLine;

/**
 * Endpoints of a service come and go ten times a second while clients use it. They are written into
 * an EndpointSlice by hand and their pods answer all the time, so that no connection has a reason
 * to fail. There are 5 to 16 of them: enough to go to and fro between the ways of choosing one.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EndpointChurnTest {
  private static final int CLIENTS = 10;
  private static final int SERVERS = 16;
  private static final int FEWEST = 5;
  private static final int PER_SECOND = 200;
  private static final int CHANGES = 600;
  private static final long PAUSE = Duration.ofMillis(100).toNanos();
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** Until an endpoint that left the slice must get no new connection, on a busy machine. */
  private static final long SETTLED = Duration.ofSeconds(5).toNanos();

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: churn, namespace: default}
      spec:
        ports: [{name: web, port: 80, protocol: TCP, targetPort: 8080}]
      """;

  private final String name = "e" + UUID.randomUUID().toString().substring(0, 6);
  private List<Pod> servers = List.of();
  private List<Namespace> clients = List.of();
  private Sandbox sandbox;

  /** When each endpoint came into the slice and left it, in {@link System#nanoTime}, by pod. */
  private static final class History {
    private final Map<String, TreeMap<Long, Boolean>> changes = new TreeMap<>();

    void add(String pod, boolean member) {
      changes.computeIfAbsent(pod, _ -> new TreeMap<>()).put(System.nanoTime(), member);
    }

    /** Whether the pod was an endpoint at that time, or not long before. */
    boolean allows(ServiceTraffic.Answered answered) {
      Map.Entry<Long, Boolean> last =
          changes.getOrDefault(answered.pod(), new TreeMap<>()).floorEntry(answered.start());
      return last == null || last.getValue() || answered.start() - last.getKey() < SETTLED;
    }
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), (what, took) -> {});
    servers = pods("server", SERVERS);
    clients = pods("client", CLIENTS).stream().map(view()::pod).toList();
    Manifests.apply(view().client(), SERVICE);
    view().client().resource(slice(servers)).create();
    for (Namespace client : clients) {
      await().atMost(LIMIT).ignoreExceptions().until(() -> answers(client));
    }
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  private SandboxView view() {
    return sandbox.view();
  }

  private List<Pod> pods(String prefix, int count) {
    List<String> names = IntStream.range(0, count).mapToObj(i -> prefix + "-" + i).toList();
    for (int i = 0; i < count; i++) {
      view().client().resource(pod(names.get(i), "node-" + (i % 2 + 1))).create();
    }
    List<Pod> ready = new ArrayList<>();
    for (String pod : names) {
      ready.add(
          await()
              .atMost(LIMIT)
              .until(
                  () -> view().client().pods().inNamespace("default").withName(pod).get(),
                  Pods::isReady));
    }
    return ready;
  }

  private static Pod pod(String name, String node) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNodeName(node)
        .addNewContainer()
        .withName("app")
        .withImage("app")
        .addNewPort()
        .withContainerPort(8080)
        .endPort()
        .endContainer()
        .endSpec()
        .build();
  }

  private static EndpointSlice slice(List<Pod> pods) {
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName("churn-by-hand")
        .withNamespace("default")
        .addToLabels("kubernetes.io/service-name", "churn")
        .endMetadata()
        .withAddressType("IPv4")
        .addNewPort()
        .withName("web")
        .withPort(8080)
        .withProtocol("TCP")
        .endPort()
        .withEndpoints(pods.stream().map(EndpointChurnTest::endpoint).toList())
        .build();
  }

  private static Endpoint endpoint(Pod pod) {
    return new EndpointBuilder()
        .withAddresses(Pods.address(pod).orElseThrow())
        .withNodeName(Pods.node(pod).orElseThrow())
        .withNewConditions()
        .withReady(true)
        .endConditions()
        .build();
  }

  private String clusterIp() {
    return view()
        .client()
        .services()
        .inNamespace("default")
        .withName("churn")
        .get()
        .getSpec()
        .getClusterIP();
  }

  private boolean answers(Namespace client) throws IOException {
    return new Probe(client, Duration.ofSeconds(3))
        .http(clusterIp(), 80)
        .pod()
        .startsWith("server-");
  }

  /** Makes all the changes, at an even pace, and puts every endpoint back in the end. */
  private History churn(int seed) {
    Random random = new Random(seed);
    History history = new History();
    List<Pod> members = new ArrayList<>(servers);
    List<Pod> others = new ArrayList<>();
    long next = System.nanoTime();
    for (int i = 0; i < CHANGES; i++) {
      boolean remove = others.isEmpty() || (members.size() > FEWEST && random.nextBoolean());
      List<Pod> from = remove ? members : others;
      Pod pod = from.remove(random.nextInt(from.size()));
      String changed = pod.getMetadata().getName();
      (remove ? others : members).add(pod);
      if (!remove) {
        history.add(changed, true);
      }
      view().client().resource(slice(members)).update();
      if (remove) {
        history.add(changed, false);
      }
      next += PAUSE;
      LockSupport.parkNanos(next - System.nanoTime());
    }
    others.forEach(pod -> history.add(pod.getMetadata().getName(), true));
    view().client().resource(slice(servers)).update();
    return history;
  }

  @Test
  void noConnectionFailsAndNewOnesGoToEndpointsOnly() {
    try (ServiceTraffic traffic = ServiceTraffic.start(clients, clusterIp(), 80, PER_SECOND)) {
      long start = System.nanoTime();
      History history = churn(1);
      finish(traffic, start);
      assertThat(traffic.answers()).allMatch(history::allows);
    } catch (AssertionError e) {
      printLogs();
      throw e;
    }
  }

  @Test
  void noConnectionFailsWhileTheAgentsAreKilledAndStartedToo() throws InterruptedException {
    Thread churn = Thread.ofVirtual().unstarted(() -> churn(2));
    int restarts = 0;
    try (ServiceTraffic traffic = ServiceTraffic.start(clients, clusterIp(), 80, PER_SECOND)) {
      long start = System.nanoTime();
      churn.start();
      while (churn.isAlive()) {
        for (SandboxNode node : view().nodes()) {
          node.agent().stop("KILL");
          node.agent().start(JavaCommand.current());
          await().atMost(LIMIT).until(() -> node.agent().isReady());
          restarts++;
        }
      }
      churn.join();
      finish(traffic, start);
    } catch (AssertionError e) {
      printLogs();
      throw e;
    }
    assertThat(restarts).isGreaterThanOrEqualTo(4);
  }

  /** The switches are as they should be, and nothing has failed until then. */
  private void finish(ServiceTraffic traffic, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    for (SandboxNode node : view().nodes()) {
      await().atMost(LIMIT).untilAsserted(() -> assertThat(diff(node)).contains("as it should be"));
    }
    traffic.end();
    System.err.printf(
        "%d changes in %.1f s: %d connections, %d answers over those that stayed, %d failures%n",
        CHANGES, seconds, traffic.answers().size(), traffic.repeats(), traffic.failures().size());
    assertThat(traffic.failures()).isEmpty();
    assertThat((double) traffic.answers().size()).isGreaterThan(seconds * PER_SECOND / 2);
    assertThat(traffic.answers().stream().map(ServiceTraffic.Answered::pod).distinct())
        .hasSize(SERVERS);
  }

  private String diff(SandboxNode node) {
    StringWriter out = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out, true));
    command.setErr(new PrintWriter(out, true));
    command.execute("flows", "diff", "--name", name, "--node", node.name());
    return out.toString();
  }

  private void printLogs() {
    view().nodes().forEach(node -> System.err.println(LogTail.of(node.agent().log(), 60)));
  }
}
