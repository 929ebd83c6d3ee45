package io.seine.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.PodInfo;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.RuleName;
import io.seine.agent.verdict.Transport;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine makes of policies at random is what the API's documents say of them. */
class AgreementTest {
  private static final int CHANGES = 900;
  private static final int COMPARE_EVERY = 15;

  private record Service(Transport transport, int port) {}

  private static final List<Service> SERVICES =
      List.of(
          new Service(Transport.TCP, 80),
          new Service(Transport.TCP, 81),
          new Service(Transport.TCP, 8080),
          new Service(Transport.UDP, 80),
          new Service(Transport.SCTP, 80),
          new Service(Transport.ICMP, 0));

  /** Some that are no pod's, nodes' among them. */
  private static final List<Ip> OTHERS =
      Stream.of("10.0.200.1", "10.1.0.1", "11.0.0.1", "192.168.0.2", "fd00::99", "fe00::1")
          .map(Ip::parse)
          .toList();

  private int denied;
  private int allowed;

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void shouldSayOfConnectionsWhatTheDocumentsSay(long seed) {
    Random random = new Random(seed);
    RandomWorld worlds = new RandomWorld(random);
    boolean isolate = random.nextInt(4) == 0;
    RecordingSink sink = new RecordingSink();
    PolicyEngine engine = new PolicyEngine(isolate, sink);
    for (int i = 1; i <= CHANGES; i++) {
      worlds.change(engine);
      if (i % COMPARE_EVERY == 0) {
        engine.flush();
        compare("seed " + seed + ", change " + i, worlds.world(isolate), sink);
      }
    }
    assertThat(denied).as("connections that are denied").isGreaterThan(100);
    assertThat(allowed).as("connections that a policy allows").isGreaterThan(100);
  }

  private void compare(String when, World world, RecordingSink sink) {
    Map<Ip, Integer> holders = new TreeMap<>();
    for (PodInfo pod : world.pods()) {
      if (!pod.hostNetwork() && !pod.finished()) {
        pod.addresses().forEach(a -> holders.merge(Ip.parse(a), 1, Integer::sum));
      }
    }
    List<Ip> addresses = new ArrayList<>(OTHERS);
    // Whose an address is that two say they have, the documents do not say.
    holders.forEach((address, by) -> addresses.addAll(by == 1 ? List.of(address) : List.of()));
    Set<PodId> known =
        world.pods().stream()
            .map(pod -> new PodId(pod.key().namespace(), pod.key().name()))
            .collect(Collectors.toSet());
    Evaluator evaluator = new Evaluator(world);
    for (Subject subject : sink.subjects.values()) {
      if (!known.contains(subject.pod())) {
        continue; // it has left the API, and only waits for its port to go
      }
      for (Ip own : subject.addresses()) {
        if (holders.getOrDefault(own, 0) == 1) {
          addresses.stream()
              .filter(other -> other.family() == own.family() && !other.equals(own))
              .forEach(other -> compare(when, evaluator, sink, subject.pod(), own, other));
        }
      }
    }
  }

  private void compare(
      String when, Evaluator evaluator, RecordingSink sink, PodId pod, Ip own, Ip other) {
    for (Service service : SERVICES) {
      for (Direction direction : Direction.values()) {
        boolean in = direction == Direction.INGRESS;
        Connection connection =
            new Connection(in ? other : own, in ? own : other, service.transport(), service.port());
        Answer answer = evaluator.judge(connection);
        Judgement judgement = (in ? answer.ingress() : answer.egress()).orElseThrow();
        Optional<Reading.Decision> decision = new Reading(sink).decide(pod, direction, connection);
        String what = "%s: %s of %s for %s".formatted(when, direction, pod, connection);
        boolean passes = decision.map(Reading.Decision::allowed).orElse(true);
        assertThat(passes)
            .as("%s, by %s: %s", what, decision, judgement)
            .isEqualTo(judgement.allowed());
        assertThat(decision.map(d -> name(d.by())))
            .as(what)
            .isEqualTo(judgement.decision().rule().map(AgreementTest::name));
        if (decision.isPresent()) {
          allowed += passes ? 1 : 0;
          denied += passes ? 0 : 1;
        }
      }
    }
  }

  private static String name(RuleRef rule) {
    return switch (rule.policy().kind()) {
          case NETWORK_POLICY -> "NetworkPolicy " + rule.policy().namespace() + "/";
          case CLUSTER_NETWORK_POLICY -> "ClusterNetworkPolicy ";
          case ISOLATION -> "Isolation ";
        }
        + rule.policy().name()
        + " "
        + rule.index();
  }

  private static String name(RuleName rule) {
    String place =
        rule.kind().equals(RuleName.ISOLATION)
            ? rule.namespace()
            : rule.namespace() + (rule.namespace().isEmpty() ? "" : "/") + rule.policy();
    return rule.kind() + " " + place + " " + rule.index();
  }
}
