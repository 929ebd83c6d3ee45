package io.seine.agent;

import io.seine.agent.dns.DnsAnswers;
import io.seine.agent.dns.DnsLearning;
import io.seine.agent.dns.LearnedFile;
import io.seine.agent.facts.FactLoop;
import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.Resolved;
import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Bits;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.reconcile.Reconciler;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What policies with domain names need of the node: DNS answers read, and what they say kept. */
final class NodeDns implements AutoCloseable {
  private final DnsLearning learning;
  private final DnsAnswers answers;

  NodeDns(
      Agent.Ground ground,
      FactLoop facts,
      Reconciler reconciler,
      UdpSweep.Connections tracked,
      UdpSweep.Sender sender) {
    this.learning =
        new DnsLearning(
            new Known(facts),
            ground.config().cniSocket().resolveSibling(LearnedFile.NAME),
            tracked,
            ground.config().dnsMinTtl(),
            InstantSource.system());
    this.answers = new DnsAnswers(learning, reconciler::awaitInstalled, sender, ground.podMtu());
  }

  private record Known(FactLoop facts) implements DnsLearning.Facts {
    @Override
    public Map<DomainPattern, Set<PolicyRef>> domains() {
      return facts.policies().domains();
    }

    @Override
    public CompletableFuture<Set<Owner>> resolve(Map<String, Resolved> now) {
      return facts.resolve(now);
    }

    @Override
    public void warn(PolicyRef policy, String reason, String message) {
      facts.warn(policy.owner(), reason, message);
    }
  }

  /** What was learned before is wished before anything else. */
  void start() {
    learning.start();
    answers.start();
  }

  void packetIn(int port, Bits frame) {
    answers.packetIn(port, frame);
  }

  /** To be called about every second. */
  void tick() {
    learning.tick();
  }

  DnsAnswers.Counts counts() {
    return answers.counts();
  }

  DnsLearning.Size size() {
    return learning.size();
  }

  @Override
  public void close() {
    answers.close();
  }
}
