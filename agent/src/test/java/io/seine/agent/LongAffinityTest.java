package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LongAffinityTest {
  private static final int GROUP = 0x80000007;
  private static final Duration DAY = Duration.ofDays(1);

  private long now = Duration.ofDays(1000).toNanos();
  private final LongAffinity affinity = new LongAffinity(() -> now);

  private static InstalledFlow learned(int client, long packets, Duration idle, int timeout) {
    Flow flow =
        new Flow(
            Table.AFFINITY.number(),
            200,
            Match.of(
                FieldMatch.exact(Field.ETH_TYPE, 0x0800),
                FieldMatch.exact(Field.IPV4_SRC, client),
                Registers.GROUP.is(Integer.toUnsignedLong(GROUP))),
            List.of());
    return new InstalledFlow(flow, 0, idle, idle, packets, packets * 60, timeout, 0);
  }

  private List<Flow.Key> over(InstalledFlow... flows) {
    return affinity.over(List.of(flows), Map.of(GROUP, DAY));
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  @Test
  void shouldEndWhatHasNotBeenUsedForAsLongAsTheServiceSays() {
    // given a client that was there 18 hours ago, as long as the switch can tell
    Duration eighteen = Duration.ofHours(18);
    assertThat(over(learned(1, 5, eighteen, 0))).isEmpty();

    // when the switch cannot tell any more, but it is not a day yet
    pass(Duration.ofHours(5));
    assertThat(over(learned(1, 5, InstalledFlow.MOST_IDLE, 0))).isEmpty();

    pass(Duration.ofMinutes(59));
    assertThat(over(learned(1, 5, InstalledFlow.MOST_IDLE, 0))).isEmpty();

    pass(Duration.ofMinutes(1));
    InstalledFlow same = learned(1, 5, InstalledFlow.MOST_IDLE, 0);
    assertThat(over(same)).containsExactly(same.flow().key());
  }

  @Test
  void shouldCountAnewFromEachConnection() {
    assertThat(over(learned(1, 5, Duration.ofHours(17), 0))).isEmpty();

    // when it came again, a moment ago
    pass(Duration.ofHours(6));
    assertThat(over(learned(1, 6, Duration.ofSeconds(1), 0))).isEmpty();

    pass(Duration.ofHours(23));
    assertThat(over(learned(1, 6, InstalledFlow.MOST_IDLE, 0))).isEmpty();

    pass(Duration.ofHours(1));
    assertThat(over(learned(1, 6, InstalledFlow.MOST_IDLE, 0))).hasSize(1);
  }

  @Test
  void shouldNotEndAnythingEarlyThatWasIdleBeforeItWasSeen() {
    assertThat(over(learned(1, 5, InstalledFlow.MOST_IDLE, 0))).isEmpty();

    // then it is taken for idle for 18 h 12 min, the least it can be
    pass(Duration.ofHours(5));
    assertThat(over(learned(1, 5, InstalledFlow.MOST_IDLE, 0))).isEmpty();
    pass(Duration.ofHours(1));
    assertThat(over(learned(1, 5, InstalledFlow.MOST_IDLE, 0))).hasSize(1);
  }

  @Test
  void shouldPassOverOtherGroupsAndThoseThatEndByThemselves() {
    pass(DAY);
    assertThat(over(learned(1, 5, DAY, 100))).isEmpty();
    assertThat(affinity.over(List.of(learned(1, 5, DAY, 0)), Map.of(7, DAY))).isEmpty();
  }

  @Test
  void shouldEndAtTheServicesTimeWhenItGetsShorter() {
    InstalledFlow flow = learned(1, 5, Duration.ofSeconds(65_534), 0);
    assertThat(over(flow)).isEmpty();

    pass(Duration.ofSeconds(3));

    assertThat(
            affinity.over(
                List.of(learned(1, 5, InstalledFlow.MOST_IDLE, 0)),
                Map.of(GROUP, Duration.ofSeconds(65_536))))
        .hasSize(1);
  }
}
