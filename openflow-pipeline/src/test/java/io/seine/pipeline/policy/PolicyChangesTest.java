package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** However facts come, go and change: what is taken is the flows of how they stand. */
class PolicyChangesTest {
  private static final int CHANGES = 400;

  private static LongStream seeds() {
    return LongStream.range(0, 30);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void theFlowsAreThoseOfTheEndState(long seed) {
    RandomPolicies facts = new RandomPolicies(seed);
    Random when = new Random(seed);
    PolicyIndex index = new PolicyIndex();
    Map<Owner, FlowSet> flows = new TreeMap<>();
    for (int i = 0; i < CHANGES; i++) {
      facts.change(index);
      if (when.nextInt(5) == 0) {
        take(index, flows);
      }
    }
    take(index, flows);

    assertThat(flows).isEqualTo(PolicyIndexTest.compiled(facts.fresh()));
    assertThat(flows.values().stream().flatMap(set -> set.flows().stream()))
        .extracting(Flow::key)
        .doesNotHaveDuplicates();
  }

  @Test
  void whatIsPutAgainUnchangedChangesNothing() {
    for (PolicyCases.Case tested : AllPolicyCases.all()) {
      PolicyIndex index = tested.index();
      index.take();
      tested.rules().forEach(index::put);
      tested.subjects().forEach(index::put);
      tested.sets().forEach((set, members) -> index.members(set, members, Set.of()));
      assertThat(index.take()).as(tested.name()).isEmpty();
    }
  }

  private static void take(PolicyIndex index, Map<Owner, FlowSet> flows) {
    index
        .take()
        .forEach((owner, now) ->
            now.ifPresentOrElse(f -> flows.put(owner, f.compile()), () -> flows.remove(owner)));
  }
}
