package io.seine.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AgentMetricsTest {
  @Test
  void aCounterGoesOnAfterGarbageWasCollected() {
    AgentMetrics metrics = new AgentMetrics();
    AtomicLong seen = new AtomicLong(1);
    metrics.counter("seine.test", "what a test counts", "", "", () -> seen.get());
    assertThat(metrics.scrape()).contains("seine_test_total 1.0");

    WeakReference<Object> garbage = new WeakReference<>(new Object());
    await()
        .until(() -> {
          System.gc();
          return garbage.get() == null;
        });
    seen.set(2);

    assertThat(metrics.scrape()).contains("seine_test_total 2.0");
  }
}
