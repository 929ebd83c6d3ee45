package io.seine.agent.policy;

import io.seine.pipeline.policy.PolicyRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether there are pods in the cluster as some policies take it for granted. Each question is
 * counted once, however many policies ask it; a change of a pod leads to the questions about such
 * pods, and to policies only where the answer is another one now.
 */
final class Census {
  /** What a pod is to be, beside being selected. */
  sealed interface Trait {
    boolean holds(PodState pod);
  }

  /** It is a pod to policies. */
  record Counts() implements Trait {
    @Override
    public boolean holds(PodState pod) {
      return pod.said().counts();
    }
  }

  /** It uses its node's network. */
  record OnHost() implements Trait {
    @Override
    public boolean holds(PodState pod) {
      return pod.said().onHost();
    }
  }

  /** It is a pod to policies, and has such a port. */
  record HasPort(Policy.Named port) implements Trait {
    @Override
    public boolean holds(PodState pod) {
      return pod.said().counts() && pod.ports().stream().anyMatch(port::is);
    }
  }

  /** Is there such a pod? */
  record Question(Selection selection, Trait trait) {
    static Question any(Selection selection) {
      return new Question(selection, new Counts());
    }
  }

  private static final class Tally {
    private final Trait trait;
    private final List<PolicyRef> askers = new ArrayList<>(1);
    private int count;

    Tally(Trait trait) {
      this.trait = trait;
    }
  }

  private final Map<Question, Tally> tallies = new HashMap<>();
  private final Map<PolicyRef, Set<Question>> asked = new HashMap<>();
  private final Selections<Tally> index = new Selections<>();
  private final Map<Question, Tally> fresh = new HashMap<>();
  private final Set<PolicyRef> concerned = new LinkedHashSet<>();

  /** These, and no others, are the policy's questions from now on; none if it is gone. */
  void ask(PolicyRef policy, Set<Question> questions) {
    Set<Question> before = asked.getOrDefault(policy, Set.of());
    if (questions.isEmpty()) {
      asked.remove(policy);
    } else {
      asked.put(policy, questions);
    }
    questions.stream().filter(q -> !before.contains(q)).forEach(q -> begin(q, policy));
    before.stream().filter(q -> !questions.contains(q)).forEach(q -> end(q, policy));
    if (!questions.isEmpty() || !before.isEmpty()) {
      concerned.add(policy);
    }
  }

  private void begin(Question question, PolicyRef policy) {
    tallies
        .computeIfAbsent(
            question,
            q -> {
              Tally tally = new Tally(q.trait());
              fresh.put(q, tally);
              return tally;
            })
        .askers
        .add(policy);
  }

  private void end(Question question, PolicyRef policy) {
    Tally tally = tallies.get(question);
    if (tally != null && tally.askers.remove(policy) && tally.askers.isEmpty()) {
      tallies.remove(question);
      if (fresh.remove(question) == null) {
        index.remove(question.selection(), tally);
      }
    }
  }

  /** There is a pod more. */
  void come(PodState pod) {
    of(index, pod, this::more);
  }

  /** Makes a change to a pod. */
  void change(PodState pod, Runnable change) {
    if (index.isEmpty()) {
      change.run();
      return;
    }
    Set<Tally> before = of(pod);
    change.run();
    Set<Tally> now = of(pod);
    now.stream().filter(tally -> !before.contains(tally)).forEach(this::more);
    before.stream().filter(tally -> !now.contains(tally)).forEach(this::less);
  }

  /** Gives a namespace other labels. */
  void relabel(NamespaceState namespace, Map<String, String> labels, Runnable change) {
    Set<SelectorIndex<Tally>> before = new HashSet<>();
    Set<SelectorIndex<Tally>> after = new HashSet<>();
    index.of(namespace.name, namespace.labels(), before::add);
    index.of(namespace.name, labels, after::add);
    if (!before.equals(after)) {
      namespace.pods.values().forEach(pod -> of(index, pod, this::less));
    }
    change.run();
    if (!before.equals(after)) {
      namespace.pods.values().forEach(pod -> of(index, pod, this::more));
    }
  }

  private Set<Tally> of(PodState pod) {
    Set<Tally> found = new HashSet<>();
    of(index, pod, found::add);
    return found;
  }

  private static void of(Selections<Tally> some, PodState pod, Consumer<Tally> found) {
    if (pod.gone() || some.isEmpty()) {
      return;
    }
    Consumer<Tally> counted =
        tally -> {
          if (tally.trait.holds(pod)) {
            found.accept(tally);
          }
        };
    some.of(
        pod.namespace.name, pod.namespace.labels(), shelf -> shelf.matching(pod.labels(), counted));
  }

  private void more(Tally tally) {
    if (tally.count++ == 0) {
      concerned.addAll(tally.askers);
    }
  }

  private void less(Tally tally) {
    if (--tally.count == 0) {
      concerned.addAll(tally.askers);
    }
  }

  /** Counts for questions that are new, all of them in one go. */
  void fill(Map<String, NamespaceState> namespaces) {
    if (fresh.isEmpty()) {
      return;
    }
    Selections<Tally> wanted = new Selections<>();
    Set<String> named = new HashSet<>();
    boolean byLabels = false;
    for (Map.Entry<Question, Tally> entry : fresh.entrySet()) {
      Selection selection = entry.getKey().selection();
      wanted.add(selection, entry.getValue());
      index.add(selection, entry.getValue());
      switch (selection.scope()) {
        case Scope.Named scope -> named.add(scope.namespace());
        case Scope.Labelled scope -> byLabels = true;
      }
    }
    fresh.clear();
    Collection<NamespaceState> some =
        byLabels
            ? namespaces.values()
            : named.stream().filter(namespaces::containsKey).map(namespaces::get).toList();
    some.forEach(namespace ->
        namespace.pods.values().forEach(pod -> of(wanted, pod, tally -> tally.count++)));
  }

  /** Whether there is such a pod; to be asked by those only who have said that they will. */
  boolean isThere(Question question) {
    Tally tally = tallies.get(question);
    if (tally == null) {
      throw new IllegalStateException("nobody has asked for " + question);
    }
    return tally.count > 0;
  }

  /** Policies that have another answer, or other questions, since the last call. */
  Set<PolicyRef> takeConcerned() {
    Set<PolicyRef> taken = Set.copyOf(concerned);
    concerned.clear();
    return taken;
  }
}
