package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.events.Conditions;
import io.seine.agent.events.Problem;
import io.seine.agent.events.Problem.Cause;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.ClusterPolicyInfo.Status;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PolicyOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the status of a ClusterNetworkPolicy is made to say, when, and by whom. */
class PolicyConditionsTest {
  private static final String NOW = "2026-01-02T03:04:05Z";
  private static final String BEFORE = "2025-12-31T00:00:00Z";

  /** Named so that node n1 speaks for it while n2 is ready too. */
  private static final ObjectRef GUARD = guard();

  private final Speakers speakers = new Speakers("n1");
  private final List<Condition> written = new ArrayList<>();
  private final PolicyConditions conditions =
      new PolicyConditions(
          speakers,
          new Conditions() {
            @Override
            public void write(ObjectRef object, Condition condition) {
              assertThat(object).isEqualTo(GUARD);
              written.add(condition);
            }

            @Override
            public void forget(ObjectRef object) {}
          },
          () -> Instant.parse(NOW));

  private static ObjectRef ref(String uid) {
    return new ObjectRef(
        "policy.networking.k8s.io/v1alpha2",
        "ClusterNetworkPolicy",
        new ObjectKey("", "guard"),
        uid);
  }

  private static ObjectRef guard() {
    Speakers both = new Speakers("n1");
    both.put(node("n1"));
    both.put(node("n2"));
    return IntStream.range(0, 100)
        .mapToObj(i -> ref("uid-" + i))
        .filter(both::isMine)
        .findFirst()
        .orElseThrow();
  }

  private static NodeInfo node(String name) {
    return new NodeInfo(ObjectRef.node(name, ""), "1", List.of(), List.of("10.96.0.0/24"));
  }

  private void put(long generation, Optional<Condition> accepted) {
    conditions.put(
        new ClusterPolicyInfo(
            GUARD,
            "Admin",
            1,
            Optional.empty(),
            List.of(),
            List.of(),
            PolicyOptions.NONE,
            new Status(generation, accepted)));
    conditions.flush();
  }

  private void report(Problem... problems) {
    conditions.report("guard", List.of(problems));
    conditions.flush();
  }

  private static Condition condition(
      String status, String reason, String message, long generation, String since) {
    return new Condition("Accepted", status, reason, message, generation, since);
  }

  private static Condition fine(long generation, String since) {
    return condition("True", "Accepted", "All of the policy is served.", generation, since);
  }

  private static Problem problem(String reason, String message, Cause cause) {
    return new Problem(GUARD, reason, message, cause);
  }

  @Test
  void shouldSayThatAPolicyIsServed() {
    put(3, Optional.empty());

    assertThat(written).containsExactly(fine(3, NOW));
  }

  @Test
  void shouldWriteNothingWhereItSaysSo() {
    put(3, Optional.of(fine(3, BEFORE)));
    put(3, Optional.of(fine(3, BEFORE)));

    assertThat(written).isEmpty();
  }

  @Test
  void shouldSayWhatIsNotServedAndSinceWhen() {
    put(3, Optional.of(fine(3, BEFORE)));

    report(
        problem("UnknownPortName", "no pod has 'x'", Cause.SURROUNDINGS),
        problem("InvalidCidr", "'y' is not a CIDR", Cause.OBJECT));

    assertThat(written)
        .containsExactly(
            condition(
                "False",
                "InvalidCidr",
                "UnknownPortName: no pod has 'x'; InvalidCidr: 'y' is not a CIDR",
                3,
                NOW));
  }

  @Test
  void shouldTakeAPolicyForServedThatIsOnlyWarnedAbout() {
    put(3, Optional.of(fine(2, BEFORE)));
    written.clear();

    report(problem("SamePriority", "beside b", Cause.SURROUNDINGS));

    assertThat(written)
        .containsExactly(
            condition("True", "AcceptedWithWarnings", "SamePriority: beside b", 3, BEFORE));
  }

  @Test
  void shouldNameOneReasonForSeveral() {
    put(1, Optional.empty());
    report(problem("InvalidCidr", "a", Cause.OBJECT), problem("InvalidPort", "b", Cause.OBJECT));

    assertThat(written.getLast().reason()).isEqualTo("SeveralProblems");
  }

  @Test
  void shouldNotTellEndlesslyOfMany() {
    put(1, Optional.empty());
    report(
        IntStream.range(0, 50)
            .mapToObj(i -> problem("InvalidCidr", "number " + i, Cause.OBJECT))
            .toArray(Problem[]::new));

    assertThat(written.getLast().message()).contains("number 19; and 30 more").doesNotContain("20");
  }

  @Test
  void shouldWriteAgainForANewGenerationAndForNothingElse() {
    put(3, Optional.empty());
    put(3, Optional.empty()); // told again before what was written is there
    put(3, Optional.of(fine(3, NOW)));
    assertThat(written).hasSize(1);

    put(4, Optional.of(fine(3, NOW)));
    assertThat(written).hasSize(2).last().isEqualTo(fine(4, NOW));
  }

  @Test
  void shouldPutRightWhatAnotherHasOverwritten() {
    put(3, Optional.empty());
    put(3, Optional.of(fine(3, NOW)));

    put(3, Optional.of(condition("False", "Mine", "no", 3, NOW)));

    assertThat(written).hasSize(2).last().isEqualTo(fine(3, NOW));
  }

  @Test
  void shouldLeaveItToWhoseTurnItIsAndTakeItOver() {
    // given another node that alone is ready
    speakers.put(node("n1").withReady(false));
    speakers.put(node("n2"));
    put(3, Optional.empty());
    assertThat(written).isEmpty();

    // when it is this node's turn
    speakers.put(node("n1"));
    conditions.speakerMoved();
    conditions.flush();

    assertThat(written).containsExactly(fine(3, NOW));
  }

  @Test
  void shouldForgetAPolicyThatIsGoneAndItsNamesake() {
    put(3, Optional.empty());
    report(problem("InvalidCidr", "a", Cause.OBJECT));
    conditions.remove("guard");
    report(problem("InvalidCidr", "late", Cause.OBJECT));
    assertThat(written).hasSize(2);

    put(1, Optional.empty());
    assertThat(written).hasSize(3).last().isEqualTo(fine(1, NOW));
  }
}
