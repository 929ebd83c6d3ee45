package io.seine.agent.policy;

import io.seine.agent.kube.Selector;
import io.seine.agent.kube.Selector.Requirement;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A label selector that can be used. Equal ones are equal however they were written.
 *
 * @param terms all of which must hold; sorted, each once
 */
record Match(List<Term> terms) {
  /** Selects everything. */
  static final Match ALL = new Match(List.of());

  /** What one label must be. */
  sealed interface Term {
    String key();

    boolean holds(Map<String, String> labels);
  }

  /**
   * @param values sorted, each once
   */
  record In(String key, List<String> values) implements Term {
    @Override
    public boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      return value != null && values.contains(value);
    }

    @Override
    public String toString() {
      return values.size() == 1
          ? key + "=" + values.getFirst()
          : key + " in (" + String.join(",", values) + ")";
    }
  }

  /** Also of what has no such label. */
  record NotIn(String key, List<String> values) implements Term {
    @Override
    public boolean holds(Map<String, String> labels) {
      String value = labels.get(key);
      return value == null || !values.contains(value);
    }

    @Override
    public String toString() {
      return key + " notin (" + String.join(",", values) + ")";
    }
  }

  record Exists(String key) implements Term {
    @Override
    public boolean holds(Map<String, String> labels) {
      return labels.containsKey(key);
    }

    @Override
    public String toString() {
      return key;
    }
  }

  record Absent(String key) implements Term {
    @Override
    public boolean holds(Map<String, String> labels) {
      return !labels.containsKey(key);
    }

    @Override
    public String toString() {
      return "!" + key;
    }
  }

  Match {
    terms = List.copyOf(terms);
  }

  /**
   * @param complaint takes what makes the selector unusable
   * @return empty if it is unusable
   */
  static Optional<Match> of(Selector selector, Consumer<String> complaint) {
    Optional<String> wrong = selector.requirements().stream().flatMap(Match::wrong).findFirst();
    if (wrong.isPresent()) {
      complaint.accept(wrong.get());
      return Optional.empty();
    }
    if (selector.equals(Selector.ALL)) {
      return Optional.of(ALL);
    }
    Stream<Term> pairs =
        selector.labels().entrySet().stream().map(e -> new In(e.getKey(), List.of(e.getValue())));
    return Optional.of(
        new Match(
            Stream.concat(pairs, selector.requirements().stream().map(Match::term))
                .distinct()
                .sorted(Comparator.comparing(Term::toString))
                .toList()));
  }

  private static Stream<String> wrong(Requirement requirement) {
    boolean needsValues =
        switch (requirement.operator()) {
          case "In", "NotIn" -> true;
          default -> false;
        };
    boolean known =
        needsValues
            || requirement.operator().equals("Exists")
            || requirement.operator().equals("DoesNotExist");
    if (!known) {
      return Stream.of(
          "the operator '%s' for '%s' is not known"
              .formatted(requirement.operator(), requirement.key()));
    }
    if (requirement.key().isEmpty()) {
      return Stream.of("a requirement names no label");
    }
    if (needsValues == requirement.values().isEmpty()) {
      return Stream.of(
          "%s for '%s' must have %s"
              .formatted(
                  requirement.operator(), requirement.key(), needsValues ? "values" : "no values"));
    }
    return Stream.empty();
  }

  private static Term term(Requirement requirement) {
    String key = requirement.key();
    List<String> values = List.copyOf(new TreeSet<>(requirement.values()));
    return switch (requirement.operator()) {
      case "In" -> new In(key, values);
      case "NotIn" -> new NotIn(key, values);
      case "Exists" -> new Exists(key);
      default -> new Absent(key);
    };
  }

  /** Whether nothing can match it, such as a label that must be and must not be the same. */
  boolean isContradiction() {
    if (terms.size() < 2) {
      return false;
    }
    Set<String> keys = terms.stream().map(Term::key).collect(Collectors.toSet());
    return keys.size() < terms.size() && keys.stream().anyMatch(this::cannotHold);
  }

  private boolean cannotHold(String key) {
    boolean there = false;
    boolean absent = false;
    Set<String> not = new HashSet<>();
    Optional<Set<String>> one = Optional.empty();
    for (Term term : terms) {
      if (!term.key().equals(key)) {
        continue;
      }
      switch (term) {
        case In in -> {
          Set<String> values = new HashSet<>(in.values());
          one.ifPresent(values::retainAll);
          one = Optional.of(values);
        }
        case NotIn notIn -> not.addAll(notIn.values());
        case Exists exists -> there = true;
        case Absent none -> absent = true;
      }
    }
    return absent ? there || one.isPresent() : one.filter(not::containsAll).isPresent();
  }

  /** Whether there can be something that both match. */
  boolean mayMeet(Match other) {
    return !new Match(Stream.concat(terms.stream(), other.terms.stream()).distinct().toList())
        .isContradiction();
  }

  boolean matches(Map<String, String> labels) {
    for (Term term : terms) {
      if (!term.holds(labels)) {
        return false;
      }
    }
    return true;
  }

  /** {@code app=web,tier in (a,b),!old}; a star for everything. */
  @Override
  public String toString() {
    return terms.isEmpty()
        ? "*"
        : terms.stream().map(Term::toString).collect(Collectors.joining(","));
  }
}
