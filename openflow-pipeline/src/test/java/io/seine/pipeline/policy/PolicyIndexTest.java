package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Golden;
import io.seine.pipeline.Owner;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each case of a policy as a text, in src/test/resources/golden/policy: the owners and their flows,
 * as {@code ovs-ofctl} writes them.
 */
class PolicyIndexTest {
  private static Stream<PolicyCases.Case> cases() {
    return AllPolicyCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCaseIsTheTextThatWasReviewed(PolicyCases.Case tested) {
    Golden.compare(
        Path.of("src/test/resources/golden/policy", tested.name() + ".txt"), text(tested));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void noTwoFlowsAreOneEntry(PolicyCases.Case tested) {
    List<Flow> flows =
        compiled(tested.index()).values().stream().flatMap(set -> set.flows().stream()).toList();
    assertThat(flows).extracting(Flow::key).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatIsTakenBackLeavesNothing(PolicyCases.Case tested) {
    PolicyIndex index = tested.index();
    Map<Owner, FlowSet> before = compiled(index);
    tested.rules().forEach(rule -> index.remove(rule.key()));
    tested.subjects().forEach(subject -> index.removeSubject(subject.pod()));
    tested.sets().keySet().forEach(index::removeSet);
    Map<Owner, Optional<PolicyFlows>> after = index.take();
    assertThat(after.keySet()).containsAll(before.keySet());
    assertThat(after.values()).allMatch(Optional::isEmpty);
  }

  static Map<Owner, FlowSet> compiled(PolicyIndex index) {
    Map<Owner, FlowSet> compiled = new TreeMap<>();
    index.take().forEach((owner, flows) -> flows.ifPresent(f -> compiled.put(owner, f.compile())));
    return compiled;
  }

  private static String text(PolicyCases.Case tested) {
    StringBuilder text = new StringBuilder("# ").append(tested.story()).append(".\n#\n");
    tested.probes().forEach(p -> text.append("# %-24s %s%n".formatted(p.packet(), p.fate())));
    compiled(tested.index())
        .forEach((owner, set) ->
            text.append("\n## ").append(owner).append('\n').append(Golden.text(set)));
    return text.toString();
  }
}
