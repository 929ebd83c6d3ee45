package io.seine.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What changes come to depends on the end only, not on the way there. */
class AnyOrderTest {
  private static final int CHANGES = 1_500;
  private static final int COMPARE_EVERY = 25;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void shouldComeToTheSameAsOneThatIsToldTheEndOnly(long seed) {
    Random random = new Random(seed);
    RandomWorld world = new RandomWorld(random);
    boolean isolate = random.nextBoolean();
    RecordingSink sink = new RecordingSink();
    PolicyEngine engine = new PolicyEngine(isolate, sink);
    long compared = 0;
    for (int i = 1; i <= CHANGES; i++) {
      world.change(engine);
      if (random.nextInt(3) == 0) {
        engine.flush();
        sink.check();
      }
      if (i % COMPARE_EVERY == 0) {
        engine.flush();
        RecordingSink fresh = new RecordingSink();
        PolicyEngine other = new PolicyEngine(isolate, fresh);
        world.tell(other);
        other.flush();
        fresh.check();
        compared += fresh.rules.size();
        assertThat(sink.state()).as("seed %d, change %d", seed, i).isEqualTo(fresh.state());
        assertThat(engine.counts()).as("seed %d, change %d", seed, i).isEqualTo(other.counts());
      }
    }
    assertThat(compared).as("rules that were compared").isGreaterThan(100);
  }
}
