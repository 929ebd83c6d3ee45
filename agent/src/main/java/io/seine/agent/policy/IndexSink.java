package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Subject;
import java.util.Set;

/** Hands on to an index, on the thread that owns it. */
public record IndexSink(PolicyIndex index) implements PolicySink {
  @Override
  public void put(PolicyRule rule) {
    index.put(rule);
  }

  @Override
  public void remove(PolicyRule.Key rule) {
    index.remove(rule);
  }

  @Override
  public void put(Subject subject) {
    index.put(subject);
  }

  @Override
  public void removeSubject(PodId pod) {
    index.removeSubject(pod);
  }

  @Override
  public void members(String set, Set<Ip> added, Set<Ip> removed) {
    index.members(set, added, removed);
  }

  @Override
  public void answersFor(Set<PodId> pods) {
    index.answersFor(pods);
  }

  @Override
  public void removeSet(String set) {
    index.removeSet(set);
  }
}
