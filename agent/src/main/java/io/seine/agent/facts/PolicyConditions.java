package io.seine.agent.facts;

import io.seine.agent.events.Conditions;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.ObjectRef;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the status of each ClusterNetworkPolicy is to say: whether all that it asks for is done, and
 * if not, what is not. The agent whose turn it is writes it where the object says something else. A
 * NetworkPolicy has no status. Used by the fact loop's thread only.
 */
final class PolicyConditions {
  /** Of so many problems it tells; Events tell of all. */
  private static final int MOST_PROBLEMS = 20;

  /** In characters; the API takes 32768. */
  private static final int LONGEST = 8000;

  private final Speakers speakers;
  private final Conditions out;
  private final InstantSource clock;
  private final Map<String, State> policies = new HashMap<>();

  /** Of whom something is new. */
  private final Set<String> dirty = new LinkedHashSet<>();

  /** Those whose object does not say what it should. */
  private final Set<String> unsaid = new LinkedHashSet<>();

  private static final class State {
    private final ObjectRef object;
    private ClusterPolicyInfo.Status has;
    private List<Problem> problems = List.of();

    /** What was last asked to be written, and over what. */
    private Optional<Condition> asked = Optional.empty();

    private Optional<Condition> over = Optional.empty();

    State(ObjectRef object, ClusterPolicyInfo.Status has) {
      this.object = object;
      this.has = has;
    }
  }

  PolicyConditions(Speakers speakers, Conditions out, InstantSource clock) {
    this.speakers = speakers;
    this.out = out;
    this.clock = clock;
  }

  void put(ClusterPolicyInfo policy) {
    State state = policies.get(policy.name());
    if (state == null || !state.object.equals(policy.ref())) {
      remove(policy.name());
      policies.put(policy.name(), new State(policy.ref(), policy.status()));
      dirty.add(policy.name());
    } else if (!state.has.equals(policy.status())) {
      state.has = policy.status();
      dirty.add(policy.name());
    }
  }

  void remove(String policy) {
    State state = policies.remove(policy);
    if (state != null) {
      speakers.forget(state.object);
      out.forget(state.object);
      unsaid.remove(policy);
    }
  }

  /** These, and no others, are the policy's problems from now on. */
  void report(String policy, List<Problem> now) {
    State state = policies.get(policy);
    if (state != null && !state.problems.equals(now)) {
      state.problems = List.copyOf(now);
      dirty.add(policy);
    }
  }

  /** Somebody else may have come to speak for some. */
  void speakerMoved() {
    dirty.addAll(unsaid);
  }

  /** Asks for what has to be written. */
  void flush() {
    dirty.forEach(this::look);
    dirty.clear();
  }

  private void look(String policy) {
    State state = policies.get(policy);
    if (state == null) {
      return;
    }
    Condition wanted = wanted(state);
    Optional<Condition> there = state.has.accepted();
    if (there.filter(wanted::saysTheSame).isPresent()) {
      unsaid.remove(policy);
      state.asked = Optional.empty();
      out.forget(state.object);
      return;
    }
    unsaid.add(policy);
    boolean askedAlready =
        state.asked.filter(wanted::saysTheSame).isPresent() && state.over.equals(there);
    if (!speakers.isMine(state.object)) {
      state.asked = Optional.empty();
      out.forget(state.object);
    } else if (!askedAlready) {
      state.asked = Optional.of(wanted);
      state.over = there;
      out.write(state.object, wanted.withSince(since(wanted, there)));
    }
  }

  private String since(Condition wanted, Optional<Condition> there) {
    return there
        .filter(c -> c.status().equals(wanted.status()) && !c.since().isEmpty())
        .map(Condition::since)
        .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static Condition wanted(State state) {
    List<Problem> own =
        state.problems.stream().filter(p -> p.cause() == Problem.Cause.OBJECT).toList();
    return new Condition(
        ClusterPolicyInfo.ACCEPTED,
        own.isEmpty() ? "True" : "False",
        state.problems.isEmpty()
            ? "Accepted"
            : own.isEmpty() ? "AcceptedWithWarnings" : reason(own),
        state.problems.isEmpty() ? "All of the policy is served." : message(state.problems),
        state.has.generation(),
        "");
  }

  private static String reason(List<Problem> problems) {
    List<String> reasons = problems.stream().map(Problem::reason).distinct().toList();
    return reasons.size() == 1 ? reasons.getFirst() : "SeveralProblems";
  }

  private static String message(List<Problem> problems) {
    String text =
        problems.stream()
            .limit(MOST_PROBLEMS)
            .map(problem -> problem.reason() + ": " + problem.message())
            .collect(Collectors.joining("; "));
    int more = problems.size() - MOST_PROBLEMS;
    String all = more > 0 ? text + "; and %d more".formatted(more) : text;
    return all.length() <= LONGEST ? all : all.substring(0, LONGEST - 3) + "...";
  }
}
