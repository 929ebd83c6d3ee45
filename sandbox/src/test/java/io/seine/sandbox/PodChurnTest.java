package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.sandbox.kubelet.CniFailure;
import io.seine.sandbox.kubelet.CniRuntime;
import io.seine.sandbox.kubelet.CniRuntime.Attachment;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.JavaCommand;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many pods come and go through the CNI executable, and nothing of them stays. */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class PodChurnTest implements Diagnostics.OnSandbox {
  private static final int PODS = 100;
  private static final int AT_A_TIME = 20;
  private static final int ROUNDS = 3;
  private static final int TRY_AGAIN_LATER_ATTEMPTS = 120;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private final String name = "c" + UUID.randomUUID().toString().substring(0, 6);
  private final Set<String> inUse = ConcurrentHashMap.newKeySet();
  private final AtomicInteger retries = new AtomicInteger();
  private final AtomicInteger added = new AtomicInteger();
  private final AtomicInteger deleted = new AtomicInteger();
  private Sandbox sandbox;
  private SandboxNode node;
  private CniRuntime cni;

  /** A pod that is connected. */
  private record Connected(Attachment attachment, JsonNode result, String address) {}

  /**
   * What a node holds of pods.
   *
   * @param rows ports and interfaces of the switch's database
   * @param links the node's network devices
   * @param flows of the switch
   * @param groups of the switch
   * @param namespaces of pods
   */
  private record Holdings(
      List<String> rows,
      List<String> links,
      Set<String> flows,
      List<String> groups,
      List<String> namespaces) {}

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 1), (what, took) -> {});
    node = view().nodes().getFirst();
    cni =
        new CniRuntime(
            node.namespace(),
            CniPlugins.directories(),
            CniPlugins.forNode(CniPlugins.defaultConfig(), node.agent().cniSocket()));
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  void aHundredPodsComeAndGoThreeTimes() throws Exception {
    Holdings before = holdings();
    for (int round = 0; round < ROUNDS; round++) {
      List<Connected> pods = addAll(round, 1);
      assertThat(holdings().rows()).hasSize(before.rows().size() + 2 * PODS);
      deleteAll(pods);
      assertThat(inUse).isEmpty();
    }
    assertThat(holdings()).isEqualTo(before);
  }

  @Test
  void theSameWithTheAgentKilledInTheMiddleAndStartedAgain() throws Exception {
    Holdings before = holdings();
    for (int round = 0; round < ROUNDS; round++) {
      int addedBefore = added.get();
      Future<?> killer = killWhen(() -> added.get() >= addedBefore + PODS / 2);
      List<Connected> pods = addAll(10 + round, TRY_AGAIN_LATER_ATTEMPTS);
      killer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      await().atMost(LIMIT).until(() -> node.agent().isReady());

      int deletedBefore = deleted.get();
      Future<?> deleteKiller = killWhen(() -> deleted.get() >= deletedBefore + PODS / 2);
      deleteAll(pods);
      deleteKiller.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      await().atMost(LIMIT).until(() -> node.agent().isReady());
      await().atMost(LIMIT).untilAsserted(() -> assertThat(holdings()).isEqualTo(before));
    }
    System.err.println("ADDs that the runtime had to repeat: " + retries);
    assertThat(node.agent().log().resolveSibling("deferred-del")).isEmptyDirectory();
  }

  /** Kills the agent when it is time, and starts it again at once. */
  private Future<?> killWhen(Callable<Boolean> time) {
    FutureTask<?> killing =
        new FutureTask<>(() -> {
          await()
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(1))
              .atMost(LIMIT)
              .until(time);
          node.agent().stop("KILL");
          node.agent().start(JavaCommand.current());
          return null;
        });
    Thread.ofPlatform().name("killer").start(killing);
    return killing;
  }

  private List<Connected> addAll(int round, int attempts) throws Exception {
    List<Callable<Connected>> work = new ArrayList<>();
    for (int i = 0; i < PODS; i++) {
      String pod = "churn-" + round + "-" + i;
      work.add(() -> add(pod, attempts));
    }
    return inParallel(work);
  }

  /** As a kubelet does it: a failed ADD is followed by DEL, and tried again in a new sandbox. */
  private Connected add(String pod, int attempts) throws Exception {
    for (int attempt = 1; ; attempt++) {
      String id = UUID.randomUUID().toString().replace("-", "");
      Namespace netns =
          Namespace.create(view().layout().podNamespacePrefix() + id.substring(0, 10));
      Attachment attachment = new Attachment(id, netns, "churn", pod, "uid-" + pod, Map.of());
      try {
        JsonNode result = cni.add(attachment);
        String address = result.path("ips").path(0).path("address").asText();
        assertThat(inUse.add(address)).as("%s is given twice", address).isTrue();
        added.incrementAndGet();
        return new Connected(attachment, result, address);
      } catch (CniFailure failure) {
        cni.del(attachment, Optional.empty(), true);
        netns.delete();
        cni.del(attachment, Optional.empty(), false);
        if (attempt >= attempts || !String.valueOf(failure.getMessage()).contains("(code 11)")) {
          throw failure;
        }
        retries.incrementAndGet();
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  private void deleteAll(List<Connected> pods) throws Exception {
    List<Callable<Integer>> work = new ArrayList<>();
    pods.forEach(pod -> work.add(() -> delete(pod)));
    assertThat(inParallel(work)).hasSize(pods.size());
  }

  /** As a runtime does it: DEL twice, the second time without a namespace. */
  private int delete(Connected pod) throws CniFailure {
    assertThat(inUse.remove(pod.address())).isTrue();
    cni.del(pod.attachment(), Optional.of(pod.result()), true);
    pod.attachment().netns().delete();
    cni.del(pod.attachment(), Optional.of(pod.result()), false);
    return deleted.incrementAndGet();
  }

  private static <T> List<T> inParallel(List<Callable<T>> work) throws Exception {
    Semaphore slots = new Semaphore(AT_A_TIME);
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = new ArrayList<>();
      for (Callable<T> one : work) {
        futures.add(
            executor.submit(() -> {
              slots.acquire();
              try {
                return one.call();
              } finally {
                slots.release();
              }
            }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Holdings holdings() throws IOException {
    List<String> rows = new ArrayList<>();
    for (String table : List.of("Port", "Interface")) {
      node.ovs()
          .vsctl("--bare", "--columns=name", "list", table)
          .lines()
          .filter(line -> !line.isBlank())
          .sorted()
          .forEach(rows::add);
    }
    List<String> links =
        node.run("ip", "-o", "link")
            .out()
            .lines()
            .map(line -> line.split(": ", 3)[1].split("@", 2)[0])
            .sorted()
            .toList();
    FlowDump dump = FlowDump.of(node);
    List<String> namespaces =
        Namespace.startingWith(view().layout().podNamespacePrefix()).stream()
            .map(Namespace::name)
            .toList();
    return new Holdings(rows, links, dump.flows().keySet(), dump.groups(), namespaces);
  }
}
