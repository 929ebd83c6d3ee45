package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.pipeline.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two agents that find the same problems. */
class ProblemReportsTest {
  private static final Owner OWNER = new Owner.Policy("networkpolicy", "shop", "p");

  private final Agent one = new Agent("n1");
  private final Agent two = new Agent("n2");

  /** One that {@code n1} speaks for while both are ready. */
  private final ObjectRef object;

  private static final class Agent implements Events {
    final Speakers speakers;
    final ProblemReports reports;
    final List<String> said = new ArrayList<>();

    Agent(String name) {
      speakers = new Speakers(name);
      reports = new ProblemReports(name, this, speakers);
    }

    @Override
    public void normal(ObjectRef about, String reason, String message) {}

    @Override
    public void warning(ObjectRef about, String reason, String message) {
      said.add(message);
    }

    void node(String name, boolean ready) {
      speakers.put(
          new NodeInfo(ObjectRef.node(name, ""), "1", List.of(), List.of("10.96.0.0/24"))
              .withReady(ready));
      if (speakers.takeMoved()) {
        reports.speakerMoved();
      }
    }
  }

  ProblemReportsTest() {
    node("n1", true);
    node("n2", true);
    object =
        IntStream.range(0, 100)
            .mapToObj(i ->
                new ObjectRef(
                    "networking.k8s.io/v1",
                    "NetworkPolicy",
                    new ObjectKey("shop", "p"),
                    "uid-" + i))
            .filter(one.speakers::isMine)
            .findFirst()
            .orElseThrow();
  }

  private void node(String name, boolean ready) {
    one.node(name, ready);
    two.node(name, ready);
  }

  private Problem problem(String message) {
    return new Problem(object, "InvalidCidr", message);
  }

  private void found(Problem... problems) {
    one.reports.report(OWNER, List.of(problems));
    two.reports.report(OWNER, List.of(problems));
  }

  @Test
  void shouldBeToldOfByOneAgentOnce() {
    found(problem("a"));
    found(problem("a"), problem("b"));
    found(problem("a"), problem("b"));

    assertThat(one.said).containsExactly("a", "b");
    assertThat(two.said).isEmpty();
    assertThat(two.reports.all()).containsOnlyKeys(OWNER);
  }

  @Test
  void shouldBeToldOfByTheNextWhenTheSpeakerIsNotReady() {
    found(problem("a"));

    node("n1", false);
    assertThat(two.said).containsExactly("a");
    found(problem("a"), problem("while n1 was away"));
    assertThat(two.said).containsExactly("a", "while n1 was away");

    // and when it is back, it tells what it has not told itself, and nothing twice
    node("n1", true);
    assertThat(one.said).containsExactly("a", "while n1 was away");
    node("n1", false);
    node("n1", true);
    found(problem("later"));
    assertThat(one.said).containsExactly("a", "while n1 was away", "later");
    assertThat(two.said).containsExactly("a", "while n1 was away");
  }

  @Test
  void shouldBeToldOfAgainWhenItHasComeAgain() {
    found(problem("a"));
    found();
    found(problem("a"));

    assertThat(one.said).containsExactly("a", "a");
    found();
    assertThat(one.reports.size()).isZero();
  }

  @Test
  void shouldBeToldOfByEachNodeThatHasItWithItsName() {
    found(problem("no room").because(Problem.Cause.NODE));

    assertThat(one.said).containsExactly("on node n1: no room");
    assertThat(two.said).containsExactly("on node n2: no room");
  }
}
