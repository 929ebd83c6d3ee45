package io.seine.agent.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class EvenPaceTest {
  private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

  private final AtomicLong clock = new AtomicLong();
  private final EvenPace pace = new EvenPace(1000, clock::get);

  @Test
  void whatComesAtOnceIsSpreadEvenly() {
    assertThat(pace.reserve()).isZero();
    assertThat(pace.reserve()).isEqualTo(MILLISECOND);
    assertThat(pace.reserve()).isEqualTo(2 * MILLISECOND);
    clock.addAndGet(2 * MILLISECOND);
    assertThat(pace.reserve()).isEqualTo(MILLISECOND);
  }

  @Test
  void timeThatWasNotUsedIsNotSavedUp() {
    assertThat(pace.reserve()).isZero();
    clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
    assertThat(pace.reserve()).isZero();
    assertThat(pace.reserve()).isEqualTo(MILLISECOND);
  }
}
