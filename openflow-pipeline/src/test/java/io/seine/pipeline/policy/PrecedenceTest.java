package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrecedenceTest {
  private static Map<Rank, Integer> ofValue(Rank... ranks) {
    return Precedence.ofValue(new TreeSet<>(List.of(ranks))).orElseThrow();
  }

  private static Stream<Rank> policy(int priority, String name, int rules) {
    return IntStream.range(0, rules).mapToObj(rule -> new Rank(priority, name, rule));
  }

  @Test
  void aRuleHasASlotThatDependsOnNoOtherOfItsPolicy() {
    assertThat(ofValue(new Rank(3, "a", 7)))
        .isEqualTo(Map.of(new Rank(3, "a", 7), 60_000 - 3 * 58 - 7));
    assertThat(ofValue(new Rank(3, "a", 0), new Rank(3, "a", 7)))
        .containsEntry(new Rank(3, "a", 7), 60_000 - 3 * 58 - 7);
  }

  @Test
  void theSecondPolicyOfAPriorityStandsBehindTheFirst() {
    Map<Rank, Integer> both = ofValue(new Rank(3, "a", 24), new Rank(3, "b", 0));
    assertThat(both).containsEntry(new Rank(3, "b", 0), 60_000 - 3 * 58 - 29);
    assertThat(both.get(new Rank(3, "a", 24))).isGreaterThan(60_000 - 3 * 58 - 29);
  }

  @Test
  void moreThanTwoShareTheSlotsInOrder() {
    TreeSet<Rank> ranks = new TreeSet<>();
    for (String name : new String[] {"a", "b", "c"}) {
      policy(1000, name, 19).forEach(ranks::add);
    }
    Map<Rank, Integer> shared = Precedence.ofValue(ranks).orElseThrow();
    assertThat(shared.keySet()).containsExactlyElementsOf(ranks);
    assertThat(shared.values().stream().mapToInt(Integer::intValue).toArray())
        .isEqualTo(IntStream.range(0, 57).map(i -> 60_000 - 58_000 - i).toArray());
  }

  @Test
  void whenTheyDoNotFitAllAreNumberedThroughAndIsolationStaysLast() {
    TreeSet<Rank> ranks = new TreeSet<>();
    policy(0, "first", 2).forEach(ranks::add);
    for (String name : new String[] {"a", "b", "c"}) {
      policy(5, name, 25).forEach(ranks::add);
    }
    policy(Rank.ISOLATION, "web", 2).forEach(ranks::add);
    assertThat(Precedence.ofValue(new TreeSet<>(ranks.subSet(rank(5), rank(6))))).isEmpty();

    Map<Rank, Integer> all = Precedence.throughout(ranks);

    assertThat(all.get(new Rank(0, "first", 0))).isEqualTo(60_000);
    assertThat(all.get(new Rank(5, "c", 24))).isEqualTo(60_000 - 76);
    assertThat(all.get(new Rank(Rank.ISOLATION, "web", 1))).isEqualTo(999);
  }

  @Test
  void isolationOfAllNamespacesHasTheSamePriorities() {
    assertThat(
            ofValue(
                    new Rank(Rank.ISOLATION, "a", 0),
                    new Rank(Rank.ISOLATION, "a", 1),
                    new Rank(Rank.ISOLATION, "b", 0))
                .values())
        .containsExactly(1000, 999, 1000);
  }

  @Test
  void noPrioritiesOverlapFromFirstToLast() {
    int lowest =
        ofValue(new Rank(1000, "a", 0), new Rank(1000, "b", 28)).values().stream()
            .mapToInt(Integer::intValue)
            .min()
            .orElseThrow();
    assertThat(lowest).isGreaterThan(1000);
    assertThat(60_000 - Precedence.capacity()).isGreaterThan(1000);
    assertThat(1000 - Precedence.SLOTS).isGreaterThan(Precedence.NETWORK_POLICY);
  }

  private static Rank rank(int priority) {
    return new Rank(priority, "", 0);
  }
}
