package io.seine.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Flow;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PolicyDecisionTest {
  @Test
  void aFlowTellsWhichDecisionItStandsFor() {
    for (Direction direction : Direction.values()) {
      for (Tier tier : Tier.values()) {
        for (Verdict verdict : Verdict.values()) {
          for (boolean dryRun : new boolean[] {false, true}) {
            PolicyDecision decision =
                new PolicyDecision(direction, tier, verdict, dryRun, true, 0xdeadbeef);
            List<Flow> flows = new ArrayList<>();
            decision.flows(new Place(PolicyTables.of(direction).tier(tier), 7), r -> r, flows);

            assertThat(flows).hasSize(2);
            assertThat(PolicyDecision.of(flows.getFirst()))
                .contains(new PolicyDecision.Part(decision, true));
            assertThat(PolicyDecision.of(flows.getLast()))
                .contains(
                    new PolicyDecision.Part(
                        new PolicyDecision(direction, tier, verdict, dryRun, false, 0xdeadbeef),
                        false));
          }
        }
      }
    }
  }

  @Test
  void theAgentIsToldWhatTheFlowStandsFor() {
    PolicyDecision decision =
        new PolicyDecision(Direction.EGRESS, Tier.ADMIN, Verdict.DENY, false, true, 42);
    List<Flow> flows = new ArrayList<>();
    decision.flows(new Place(PolicyTables.EGRESS.tier(Tier.ADMIN), 7), r -> r, flows);
    Action.Controller told = (Action.Controller) flows.getFirst().actions().getFirst();
    assertThat(told.userdata()).hasToString("030202000000002a");
    assertThat(told.meterId()).hasValue(2);
    assertThat(PolicyPacketIn.parse(told.userdata()))
        .contains(new PolicyPacketIn(Direction.EGRESS, Verdict.DENY, false, 42));
    assertThat(flows.getLast().actions()).noneMatch(Action.Controller.class::isInstance);
  }

  @Test
  void userDataOfOthersIsNotRead() {
    for (String hex : List.of("", "01", "0302020000", "0202020000000001", "0309020000000001")) {
      assertThat(PolicyPacketIn.parse(bits(hex))).as(hex).isEmpty();
    }
  }

  private static Bits bits(String hex) {
    return Bits.of(HexFormat.of().parseHex(hex));
  }

  @Test
  void flowsThatDecideNothingStandForNothing() {
    Set<String> decided = new TreeSet<>();
    for (PolicyCases.Case tested : AllPolicyCases.all()) {
      PolicyIndex index = tested.index();
      PolicyIndexTest.compiled(index)
          .values()
          .forEach(set ->
              set.flows().stream()
                  .flatMap(flow -> PolicyDecision.of(flow).stream())
                  .forEach(part ->
                      decided.add(
                          index.ruleIds().find(part.decision().rule()).isPresent()
                              ? "known"
                              : "unknown")));
    }
    assertThat(decided).containsExactly("known");
  }

  @Test
  void aRuleKeepsItsNumberWhileAnyPartOfItIsThere() {
    RuleIds ids = new RuleIds();
    RuleRef rule = PolicyCases.ingress(PolicyCases.networkPolicy("p"), 0);
    int id = ids.acquire(rule);
    assertThat(ids.acquire(rule)).isEqualTo(id).isNotZero();
    ids.release(rule);
    assertThat(ids.find(id)).contains(rule);
    assertThat(ids.of(rule)).hasValue(id);
    ids.release(rule);
    assertThat(ids.find(id)).isEmpty();
    assertThat(ids.of(rule)).isEmpty();
  }

  @Test
  void twoNamesOfOneHashHaveTwoNumbersAndZeroIsNoOnes() {
    HashedIds<String> ids = new HashedIds<>();
    int first = ids.acquire("first", 7);
    int second = ids.acquire("second", 7);
    assertThat(second).isNotEqualTo(first);
    assertThat(ids.find(second)).isEqualTo(Optional.of("second"));
    assertThat(ids.acquire("zero", 0)).isNotZero();
    ids.release("first");
    assertThat(ids.of("second")).hasValue(second);
    assertThat(ids.acquire("third", 7)).isNotEqualTo(second);
  }
}
