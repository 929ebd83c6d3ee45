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
 * @param endpoints one for each bucket, in the switch's order
 */
public record ExplainedGroup(Group raw, List<Endpoint> endpoints) {
  public ExplainedGroup {
    endpoints = List.copyOf(endpoints);
  }

  /**
   * One bucket.
   *
   * @param weight its share, against the sum of all
   * @param target where it leads: {@code pod/web/a (10.0.1.2:8080)}; of a bucket that translates to
   *     nothing, its actions
   * @param owner the pod or node there, if it is known
   */
  public record Endpoint(int id, int weight, String target, Optional<Owner> owner) {}

  /** The pods and nodes that it leads to. */
  public Set<Owner> mentions() {
    return endpoints.stream().flatMap(e -> e.owner().stream()).collect(Collectors.toSet());
  }

  static ExplainedGroup of(Group group, Names names, Words words) {
    return new ExplainedGroup(
        group, group.buckets().stream().map(bucket -> endpoint(bucket, names, words)).toList());
  }

  private static Endpoint endpoint(Group.Bucket bucket, Names names, Words words) {
    for (Action action : bucket.actions()) {
      if (action instanceof Action.Ct ct && ct.nat().isPresent()) {
        Action.Nat nat = ct.nat().get();
        Optional<Owner> owner =
            nat.minAddress()
                .filter(bits -> bits.size() == 4)
                .flatMap(bits -> names.ownerOf(Ip.of(bits)));
        return new Endpoint(bucket.id(), bucket.weight(), words.target(nat), owner);
      }
    }
    return new Endpoint(
        bucket.id(), bucket.weight(), OvsText.of(bucket.actions()), Optional.empty());
  }
}
