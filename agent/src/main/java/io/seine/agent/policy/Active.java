package io.seine.agent.policy;

import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.Subject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The policies that may concern this node's pods, and what the sink has been told of them. */
final class Active {
  private final AddressSets sets;
  private final Subjects subjects = new Subjects();
  private final RuleParts parts;
  private final Map<PolicyRef, PolicyState> policies = new HashMap<>();
  private final Selections<PolicyState> bySubject = new Selections<>();
  private final Map<PodId, Subject> told = new HashMap<>();
  private final Set<PolicyState> dirty = new LinkedHashSet<>();
  private final Map<PodId, PodState> dirtySubjects = new LinkedHashMap<>();
  private final Set<PolicyState> ofDomains = new HashSet<>();
  private Set<PodId> asking = Set.of();
  private int rules;
  private int inUse;

  Active(AddressSets sets) {
    this.sets = sets;
    this.parts = new RuleParts(subjects, sets);
  }

  Subjects subjects() {
    return subjects;
  }

  /** How many select a pod here, as told. */
  int policies() {
    return inUse;
  }

  int rules() {
    return rules;
  }

  /**
   * A policy is there, or is like this now, or is not.
   *
   * @param candidates the subjects among which its own are
   */
  void put(PolicyRef ref, Optional<Policy> policy, Collection<PodState> candidates) {
    PolicyState state = policies.get(ref);
    if (state == null) {
      if (policy.isEmpty()) {
        return;
      }
      state = new PolicyState(ref);
      policies.put(ref, state);
    } else if (state.policy().equals(policy)) {
      return;
    }
    PolicyState concerned = state;
    state.policy().ifPresent(p -> bySubject.remove(p.subject(), concerned));
    state.is(policy);
    policy.ifPresent(p -> bySubject.add(p.subject(), concerned));
    dirty.add(state);
    for (PodState pod : List.copyOf(state.subjects)) {
      if (policy.isEmpty() || !pod.isIn(policy.get().subject())) {
        deselect(pod, state);
      } else {
        touch(pod);
      }
    }
    for (PodState pod : candidates) {
      if (policy.isPresent() && pod.isIn(policy.get().subject())) {
        select(pod, state);
      }
    }
  }

  void add(PodState pod) {
    if (!subjects.contains(pod)) {
      subjects.add(pod);
    }
    touch(pod);
  }

  void remove(PodState pod) {
    touch(pod);
    for (PolicyState policy : subjects.remove(pod)) {
      policy.subjects.remove(pod);
      dirty.add(policy);
    }
  }

  /** Finds the policies for a subject anew. */
  void select(PodState pod) {
    Set<PolicyState> now = new HashSet<>();
    bySubject.of(
        pod.namespace.name,
        pod.namespace.labels(),
        index -> index.matching(pod.labels(), now::add));
    for (PolicyState before : List.copyOf(subjects.selecting(pod))) {
      if (!now.contains(before)) {
        deselect(pod, before);
      }
    }
    now.forEach(policy -> select(pod, policy));
  }

  private void select(PodState pod, PolicyState policy) {
    if (policy.subjects.add(pod)) {
      subjects.selecting(pod).add(policy);
      dirty.add(policy);
      touch(pod);
    }
  }

  private void deselect(PodState pod, PolicyState policy) {
    policy.subjects.remove(pod);
    subjects.selecting(pod).remove(policy);
    dirty.add(policy);
    touch(pod);
  }

  /**
   * What the sink knows of the subject may have to change, and of policies that yield to others.
   */
  private void touch(PodState pod) {
    dirtySubjects.put(pod.id(), pod);
    for (PolicyState policy : subjects.selecting(pod)) {
      if (policy.isDryRun()) {
        dirty.add(policy);
      }
    }
  }

  /** A subject's ports have other names or numbers. */
  void portsChanged(PodState pod) {
    dirty.addAll(subjects.selecting(pod));
  }

  /** Returns the pods that it concerns. */
  Set<PodId> flush(
      Map<String, NamespaceState> namespaces, Collection<NodeState> nodes, PolicySink sink) {
    List<Runnable> releases = new ArrayList<>();
    for (PolicyState policy : dirty) {
      use(policy, releases);
    }
    sets.fill(namespaces, nodes);
    dirty.addAll(sets.takeConcerned());
    List<PolicyRule> puts = new ArrayList<>();
    List<PolicyRule.Key> removals = new ArrayList<>();
    List<PolicyState> changed = new ArrayList<>();
    for (PolicyState policy : dirty) {
      if (compare(policy, puts, removals)) {
        changed.add(policy);
      }
    }
    dirty.clear();
    tellAsking(sink);
    Set<PodId> concerned = new LinkedHashSet<>(dirtySubjects.keySet());
    add(changed, concerned);
    add(sets.tellMembers(sink), concerned);
    removals.forEach(sink::remove);
    puts.forEach(sink::put);
    dirtySubjects.values().forEach(pod -> tell(pod, sink));
    dirtySubjects.clear();
    releases.forEach(Runnable::run);
    sets.tellRemoved(sink);
    return concerned;
  }

  private static void add(Collection<PolicyState> policies, Set<PodId> to) {
    policies.forEach(policy -> policy.subjects.forEach(pod -> to.add(pod.id())));
  }

  private void use(PolicyState state, List<Runnable> releases) {
    Set<Watched> before = state.watched;
    Set<Watched> now =
        state.subjects.isEmpty()
            ? Set.of()
            : state.policy().map(RuleParts::watched).orElse(Set.of());
    inUse += (state.subjects.isEmpty() ? 0 : 1) - (state.inUse ? 1 : 0);
    state.inUse = !state.subjects.isEmpty();
    state.watched = now;
    if (now.stream().anyMatch(Watched.Domain.class::isInstance)) {
      ofDomains.add(state);
    } else {
      ofDomains.remove(state);
    }
    now.stream().filter(w -> !before.contains(w)).forEach(w -> sets.use(w, state));
    before.stream()
        .filter(w -> !now.contains(w))
        .forEach(w -> releases.add(() -> sets.release(w, state)));
  }

  /** Pods that rules with domain names are for. */
  private void tellAsking(PolicySink sink) {
    Set<PodId> now = new HashSet<>();
    add(ofDomains, now);
    if (!now.equals(asking)) {
      asking = now;
      sink.answersFor(Set.copyOf(now));
    }
  }

  /** Whether the sink is to be told of a change. */
  private boolean compare(PolicyState state, List<PolicyRule> puts, List<PolicyRule.Key> removals) {
    Map<PolicyRule.Key, PolicyRule> now = new HashMap<>();
    parts.of(state).forEach(rule -> now.put(rule.key(), rule));
    Map<PolicyRule.Key, PolicyRule> before = state.told;
    rules += now.size() - before.size();
    before.keySet().stream().filter(key -> !now.containsKey(key)).forEach(removals::add);
    now.forEach((key, rule) -> {
      if (!rule.equals(before.get(key))) {
        puts.add(rule);
      }
    });
    boolean changed = !now.equals(before);
    state.told = now.isEmpty() ? Map.of() : now;
    if (state.policy().isEmpty()) {
      policies.remove(state.ref, state);
    }
    return changed;
  }

  private void tell(PodState pod, PolicySink sink) {
    PodId id = pod.id();
    Optional<Subject> now =
        subjects.contains(pod)
            ? pod.port().map(port -> subjects.subject(pod, port))
            : Optional.empty();
    if (now.isEmpty()) {
      if (told.remove(id) != null) {
        sink.removeSubject(id);
      }
    } else if (!now.get().equals(told.put(id, now.get()))) {
      sink.put(now.get());
    }
  }
}
