package io.seine.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Peers;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Subject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Holds what it was told, and insists on being told nothing that cannot be. */
final class RecordingSink implements PolicySink {
  final Map<PolicyRule.Key, PolicyRule> rules = new HashMap<>();
  final Map<PodId, Subject> subjects = new TreeMap<>();
  final Map<String, Set<Ip>> sets = new TreeMap<>();
  Set<PodId> asking = Set.of();

  /** What it was told since the last {@link #forget}, in words. */
  final List<String> told = new ArrayList<>();

  /** All there is, to be compared. */
  record State(
      Map<PolicyRule.Key, PolicyRule> rules,
      Map<PodId, Subject> subjects,
      Map<String, Set<Ip>> sets) {}

  @Override
  public void put(PolicyRule rule) {
    told.add("put " + rule.ref());
    assertThat(rule.equals(rules.put(rule.key(), rule))).as("told again of %s", rule).isFalse();
  }

  @Override
  public void remove(PolicyRule.Key rule) {
    told.add("remove " + rule.ref());
    assertThat(rules.remove(rule)).as("removal of %s", rule).isNotNull();
  }

  @Override
  public void put(Subject subject) {
    told.add("subject " + subject.pod());
    assertThat(subject.equals(subjects.put(subject.pod(), subject)))
        .as("told again of %s", subject)
        .isFalse();
  }

  @Override
  public void removeSubject(PodId pod) {
    told.add("no subject " + pod);
    assertThat(subjects.remove(pod)).as("removal of %s", pod).isNotNull();
  }

  @Override
  public void members(String set, Set<Ip> added, Set<Ip> removed) {
    told.add("members " + set + " +" + new TreeSet<>(added) + " -" + new TreeSet<>(removed));
    Set<Ip> members = sets.computeIfAbsent(set, s -> new TreeSet<>());
    assertThat(Collections.disjoint(members, added)).as("what is new in %s", set).isTrue();
    assertThat(members.containsAll(removed)).as("what was in %s", set).isTrue();
    members.removeAll(removed);
    members.addAll(added);
  }

  @Override
  public void answersFor(Set<PodId> pods) {
    told.add("answers for " + new TreeSet<>(pods.stream().map(PodId::toString).toList()));
    asking = pods;
  }

  @Override
  public void removeSet(String set) {
    told.add("no set " + set);
    assertThat(sets.remove(set)).as("removal of %s", set).isNotNull();
  }

  void forget() {
    told.clear();
  }

  State state() {
    return new State(Map.copyOf(rules), Map.copyOf(subjects), Map.copyOf(sets));
  }

  /** What holds between two flushes. */
  void check() {
    Set<String> used = new HashSet<>();
    for (PolicyRule rule : rules.values()) {
      assertThat(rule.subjects()).as("of %s", rule).isNotEmpty().isSubsetOf(subjects.keySet());
      if (rule.peers() instanceof Peers.Some some) {
        used.addAll(some.sets());
      }
    }
    assertThat(sets.keySet()).containsAll(used);
  }
}
