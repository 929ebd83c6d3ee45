package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Place.Reply;
import io.seine.sandbox.node.SandboxNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Who answers clients, and what a node's switch has learned of them since this was made. */
final class AffinityProbe {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** How often {@link #keeps} asks. */
  static final int TIMES = 10;

  private final SandboxNode node;
  private final Set<String> groupsBefore;

  AffinityProbe(SandboxNode node) {
    this.node = node;
    this.groupsBefore =
        LearnedFlow.of(node).stream().map(LearnedFlow::group).collect(Collectors.toSet());
  }

  /** What the node remembers of a client, of services that came since then. */
  List<LearnedFlow> learned(Place client) {
    return LearnedFlow.of(node).stream()
        .filter(flow -> flow.client().equals(client.address()))
        .filter(flow -> !groupsBefore.contains(flow.group()))
        .toList();
  }

  /** Who answers a client at first, when somebody does. */
  static String first(Place client, Target target) {
    List<String> pods = new ArrayList<>();
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(() -> {
          if (client.ask(target) instanceof Reply.Answered(String pod, String _)) {
            pods.add(pod);
          }
          return !pods.isEmpty();
        });
    return pods.getFirst();
  }

  /** Holds when each of ten questions is answered by this pod. */
  static void keeps(Place client, Target target, String pod) {
    for (int i = 0; i < TIMES; i++) {
      assertThat(pod(client, target)).as("%s asks %s", client, target).isEqualTo(pod);
    }
  }

  /** Who answers; nobody is a failure. */
  static String pod(Place client, Target target) {
    Reply reply = client.ask(target);
    assertThat(reply).as("%s asks %s", client, target).isInstanceOf(Reply.Answered.class);
    return ((Reply.Answered) reply).pod();
  }
}
