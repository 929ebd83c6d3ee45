package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.pipeline.CtMarks;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where groups lead in the end: through other groups, and through the flows of EndpointDnat, which
 * have to be shown first. Filled first, then read.
 */
final class Endpoints {
  private final Map<Integer, Group> groups;

  /** What EndpointDnat does with a bucket that a group picked or a client had. */
  private final Map<Picked, Action.Ct> translations = new HashMap<>();

  /** A bucket is made from its endpoint, so that one id means one endpoint, nearly always. */
  private final Map<Integer, Action.Ct> byBucket = new HashMap<>();

  private record Picked(int group, int bucket) {}

  Endpoints(Map<Integer, Group> groups) {
    this.groups = groups;
  }

  /**
   * One that a group picks.
   *
   * @param bucket its id; where several are for the same endpoint, the first of them
   * @param weight of all its buckets
   * @param share of new connections that it gets, 0 to 1
   * @param translation empty for a bucket that leads nowhere that is known
   */
  record Choice(
      int bucket, int weight, double share, List<Action> actions, Optional<Action.Ct> translation) {
    private Choice and(Choice other) {
      return new Choice(bucket, weight + other.weight, share + other.share, actions, translation);
    }
  }

  void see(Flow flow) {
    Optional<Integer> group = matched(flow, Registers.GROUP);
    Optional<Integer> bucket = matched(flow, Registers.ENDPOINT);
    Optional<Action.Ct> translation = translation(flow.actions());
    if (group.isPresent() && bucket.isPresent() && translation.isPresent()) {
      translations.put(new Picked(group.get(), bucket.get()), translation.get());
      byBucket.put(bucket.get(), translation.get());
    }
  }

  private static Optional<Integer> matched(Flow flow, NamedBits register) {
    return flow.match().get(register.range().field()).map(match -> (int) match.value().toLong());
  }

  Optional<Group> group(int id) {
    return Optional.ofNullable(groups.get(id));
  }

  /** Each endpoint once, in the order of the groups. */
  List<Choice> of(Group group) {
    Map<Object, Choice> choices = new LinkedHashMap<>();
    collect(group.id(), group, 1, choices, Set.of(group.id()));
    return List.copyOf(choices.values());
  }

  private void collect(
      int first, Group group, double share, Map<Object, Choice> choices, Set<Integer> path) {
    int sum = Math.max(1, group.buckets().stream().mapToInt(Group.Bucket::weight).sum());
    for (Group.Bucket bucket : group.buckets()) {
      double part = share * bucket.weight() / sum;
      Optional<Group> next =
          bucket.actions().stream()
              .filter(Action.Group.class::isInstance)
              .map(a -> ((Action.Group) a).groupId())
              .filter(id -> !path.contains(id))
              .flatMap(id -> group(id).stream())
              .findFirst();
      if (next.isPresent()) {
        collect(first, next.get(), part, choices, with(path, next.get().id()));
      } else {
        Optional<Action.Ct> translation =
            translation(bucket.actions()).or(() -> picked(first, bucket.actions()));
        choices.merge(
            translation.flatMap(Action.Ct::nat).<Object>map(nat -> nat).orElse(bucket.id()),
            new Choice(bucket.id(), bucket.weight(), part, bucket.actions(), translation),
            Choice::and);
      }
    }
  }

  private static Set<Integer> with(Set<Integer> path, int id) {
    List<Integer> longer = new ArrayList<>(path);
    longer.add(id);
    return Set.copyOf(longer);
  }

  private Optional<Action.Ct> picked(int group, List<Action> actions) {
    return actions.stream()
        .filter(Action.SetField.class::isInstance)
        .flatMapToInt(a -> value((Action.SetField) a, Registers.ENDPOINT).stream())
        .mapToObj(bucket -> Optional.ofNullable(translations.get(new Picked(group, bucket))))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** What is done for the bucket with this id; of a bucket that is in several groups, in any. */
  Optional<Action.Ct> translation(int bucket) {
    return Optional.ofNullable(byBucket.get(bucket));
  }

  static Optional<Action.Ct> translation(List<Action> actions) {
    return actions.stream()
        .filter(a -> a instanceof Action.Ct ct && ct.nat().isPresent())
        .map(Action.Ct.class::cast)
        .findFirst();
  }

  /** Whether the endpoints are those of this node, which see who the client is. */
  static boolean local(List<Choice> choices) {
    return choices.stream()
        .flatMap(choice -> choice.translation().stream())
        .flatMap(ct -> ct.exec().stream())
        .anyMatch(CtMarks.LOCAL.set(1)::equals);
  }

  private static OptionalInt value(Action.SetField set, NamedBits register) {
    BitRange range = register.range();
    return set.field().equals(range.field()) && set.mask().isEmpty()
        ? OptionalInt.of((int) set.value().toLong())
        : OptionalInt.empty();
  }
}
