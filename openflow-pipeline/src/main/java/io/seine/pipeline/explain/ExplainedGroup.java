package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.OvsText;
import io.seine.pipeline.Owner;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A group of a switch in words.
 *
 * @param endpoints each once, in the switch's order; those of a group of groups, of all of them
 */
public record ExplainedGroup(Group raw, List<Endpoint> endpoints) {
  public ExplainedGroup {
    endpoints = List.copyOf(endpoints);
  }

  /**
   * One endpoint.
   *
   * @param id of its bucket
   * @param weight of its buckets
   * @param share of new connections that it gets by it, 0 to 1
   * @param target where it leads: {@code pod/web/a (10.0.1.2:8080)}; of a bucket that translates to
   *     nothing, its actions
   * @param owner the pod or node there, if it is known
   */
  public record Endpoint(int id, int weight, double share, String target, Optional<Owner> owner) {}

  /** The pods and nodes that it leads to. */
  public Set<Owner> mentions() {
    return endpoints.stream().flatMap(e -> e.owner().stream()).collect(Collectors.toSet());
  }

  static ExplainedGroup of(Group group, Endpoints endpoints, Names names, Words words) {
    return new ExplainedGroup(
        group, endpoints.of(group).stream().map(choice -> endpoint(choice, names, words)).toList());
  }

  private static Endpoint endpoint(Endpoints.Choice choice, Names names, Words words) {
    Optional<Action.Nat> nat = choice.translation().flatMap(Action.Ct::nat);
    return new Endpoint(
        choice.bucket(),
        choice.weight(),
        choice.share(),
        nat.map(words::target).orElseGet(() -> OvsText.of(choice.actions())),
        nat.flatMap(Action.Nat::minAddress).map(Ip::of).flatMap(names::ownerOf));
  }
}
