package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Subject;
import java.util.Set;

/**
 * Who is told what concerns this node; in one {@link PolicyEngine#flush} each thing once. Between
 * two calls of one flush what was told may not fit together.
 */
public interface PolicySink {
  /** The rule is there, or is like this now. */
  void put(PolicyRule rule);

  /** A rule that was put is gone. */
  void remove(PolicyRule.Key rule);

  void put(Subject subject);

  void removeSubject(PodId pod);

  /**
   * A set of addresses has changed; or is there, perhaps without any.
   *
   * @param added were not in it
   * @param removed were in it
   */
  void members(String set, Set<Ip> added, Set<Ip> removed);

  /**
   * For these pods there are rules that speak of domain names: the DNS answers that they get are to
   * be read. All of them, whenever they are others than before.
   */
  void answersFor(Set<PodId> pods);

  /** No rule speaks of the set any more. It may have members. */
  void removeSet(String set);
}
