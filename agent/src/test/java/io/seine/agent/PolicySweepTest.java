package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.InstallException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PolicySweepTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Mac MAC = Mac.parse("0a:58:0a:60:00:04");
  private static final Ip WEB = Ip.parse("10.96.0.4");
  private static final Ip DB = Ip.parse("10.96.0.5");
  private static final Owner POLICY = new Owner.Policy("networkpolicy", "shop", "db");

  /** What the sweeper was asked. */
  private record Asked(Set<Ip> concerned, Map<Ip, Integer> local) {}

  private final Semaphore installed = new Semaphore(0);
  private final List<Collection<Owner>> awaited = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final PolicySweep sweep =
      new PolicySweep(
          this::awaitInstalled,
          this::sweep,
          () ->
              List.of(
                  new LocalPod("shop", "web", WEB, MAC, 4),
                  new LocalPod("shop", "db", DB, MAC, 5)));

  private void awaitInstalled(Collection<Owner> owners, Duration timeout)
      throws InstallException, InterruptedException {
    awaited.add(Set.copyOf(owners));
    installed.acquire();
  }

  private UdpSweep.Result sweep(Set<Ip> concerned, Map<Ip, Integer> local) throws IOException {
    if (failures.poll() instanceof IOException e) {
      throw e;
    }
    asked.add(new Asked(concerned, local));
    return new UdpSweep.Result(3, 0);
  }

  private static PodId pod(String name) {
    return new PodId("shop", name);
  }

  @BeforeEach
  void start() {
    sweep.start();
  }

  @AfterEach
  void stop() {
    sweep.close();
  }

  @Test
  void shouldAskAboutThePodsConcernedWhenTheSwitchHasTheChange() {
    sweep.judgedAnew(Set.of(pod("db"), pod("elsewhere")), Set.of(POLICY));
    await().atMost(SOON).until(() -> awaited.equals(List.of(Set.of(POLICY))));
    assertThat(asked).isEmpty();

    installed.release();

    await().atMost(SOON).until(() -> sweep.asked() == 3);
    assertThat(asked).containsExactly(new Asked(Set.of(DB), Map.of(WEB, 4, DB, 5)));
  }

  @Test
  void shouldDoTogetherWhatComesMeanwhile() {
    sweep.judgedAnew(Set.of(pod("db")), Set.of(POLICY));
    await().atMost(SOON).until(() -> awaited.size() == 1);
    sweep.judgedAnew(Set.of(pod("db")), Set.of(POLICY));
    sweep.judgedAnew(Set.of(pod("web")), Set.of());

    installed.release(2);

    await().atMost(SOON).until(() -> asked.size() == 2);
    assertThat(asked.getLast().concerned()).containsExactlyInAnyOrder(WEB, DB);
  }

  @Test
  void shouldTryAgainWhatFailed() {
    installed.release(2);
    failures.add(new IOException("ovs-vswitchd is away"));

    sweep.judgedAnew(Set.of(pod("db")), Set.of(POLICY));

    await().atMost(SOON).until(() -> asked.size() == 1);
    assertThat(asked.getFirst().concerned()).containsExactly(DB);
    assertThat(awaited).containsExactly(Set.of(POLICY), Set.of(POLICY));
  }
}
