package io.seine.agent.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ApiConditionsTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ApiConditions.Pauses SHORT =
      new ApiConditions.Pauses(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(4));

  private final List<String> applied = new CopyOnWriteArrayList<>();

  private static ObjectRef policy(String name) {
    return new ObjectRef("v", "ClusterNetworkPolicy", new ObjectKey("", name), "u");
  }

  private static Condition saying(String message) {
    return new Condition("Accepted", "True", "Accepted", message, 1, "");
  }

  private void apply(ObjectRef object, Condition condition) {
    applied.add(object.key() + " " + condition.message());
  }

  @Test
  void shouldTryAgainWhatCouldNotBeWritten() {
    AtomicInteger tries = new AtomicInteger();
    try (ApiConditions conditions =
        ApiConditions.start(
            (object, condition) -> {
              if (tries.incrementAndGet() < 5) {
                throw new ApiException("the server is away");
              }
              apply(object, condition);
            },
            SHORT)) {
      conditions.write(policy("a"), saying("one"));

      await().atMost(SOON).until(() -> conditions.written() == 1);
      assertThat(applied).containsExactly("a one");
      assertThat(tries).hasValue(5);
    }
  }

  @Test
  void shouldWriteOnlyTheLastOfWhatWaits() throws InterruptedException {
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (ApiConditions conditions =
        ApiConditions.start(
            (object, condition) -> {
              first.countDown();
              goOn.await();
              apply(object, condition);
            },
            SHORT)) {
      conditions.write(policy("a"), saying("one"));
      first.await();

      // while the server takes its time, nobody waits
      conditions.write(policy("b"), saying("two"));
      conditions.write(policy("b"), saying("three"));
      conditions.write(policy("c"), saying("four"));
      conditions.forget(policy("c"));
      conditions.write(policy("d"), saying("five"));
      goOn.countDown();

      await().atMost(SOON).until(() -> conditions.written() == 3);
      assertThat(applied).containsExactly("a one", "b three", "d five");
    }
  }
}
