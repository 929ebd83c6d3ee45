package io.seine.cli.flows;

import io.seine.cli.flows.ServiceView.Share;
import io.seine.openflow.Action;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which endpoint gets how much of what goes to a group, by the switch's own groups and counts. */
final class ServicePools {
  private static final int DEEPEST = 2;
  private final Map<Integer, Group> groups = new HashMap<>();
  private final Map<Integer, GroupCounts> counts = new HashMap<>();

  ServicePools(Collection<Group> groups, Collection<GroupCounts> counts) {
    groups.forEach(group -> this.groups.put(group.id(), group));
    counts.forEach(count -> this.counts.put(count.id(), count));
  }

  /** How the switch picks from the group; empty if it has no such group. */
  Optional<String> method(int group) {
    return Optional.ofNullable(groups.get(group))
        .map(g -> g.selection().map(Group.Selection::method).orElse("the switch's default"));
  }

  /**
   * The shares in a group.
   *
   * @param buckets the endpoints by bucket: with affinity a bucket has only its number to tell its
   *     endpoint by
   */
  Map<Endpoint, Share> shares(int group, Map<Integer, Endpoint> buckets) {
    Map<Endpoint, Share> shares = new HashMap<>();
    add(group, 1, buckets, shares, DEEPEST);
    return shares;
  }

  private void add(
      int id,
      double part,
      Map<Integer, Endpoint> byBucket,
      Map<Endpoint, Share> shares,
      int deepest) {
    Group group = groups.get(id);
    if (group == null || deepest == 0) {
      return;
    }
    List<Group.Bucket> buckets = group.buckets();
    double sum = buckets.stream().mapToInt(Group.Bucket::weight).sum();
    for (int i = 0; i < buckets.size(); i++) {
      Group.Bucket bucket = buckets.get(i);
      double own = sum == 0 ? 0 : part * bucket.weight() / sum;
      Optional<Integer> next = nested(bucket);
      if (next.isPresent()) {
        add(next.get(), own, byBucket, shares, deepest - 1);
      } else {
        Share share = new Share(own, hits(id, i));
        endpoint(bucket, byBucket)
            .ifPresent(endpoint -> shares.merge(endpoint, share, ServicePools::sum));
      }
    }
  }

  private long hits(int group, int bucket) {
    GroupCounts count = counts.get(group);
    return count == null || bucket >= count.buckets().size()
        ? 0
        : count.buckets().get(bucket).packets();
  }

  private static Share sum(Share one, Share other) {
    return new Share(one.part() + other.part(), one.hits() + other.hits());
  }

  private static Optional<Integer> nested(Group.Bucket bucket) {
    return bucket.actions().stream()
        .filter(Action.Group.class::isInstance)
        .map(action -> ((Action.Group) action).groupId())
        .findFirst();
  }

  private static Optional<Endpoint> endpoint(Group.Bucket bucket, Map<Integer, Endpoint> byBucket) {
    for (Action action : bucket.actions()) {
      if (action instanceof Action.Ct ct && ct.nat().isPresent()) {
        Action.Nat nat = ct.nat().get();
        if (nat.minAddress().isPresent() && nat.minPort().isPresent()) {
          return Optional.of(new Endpoint(Ip.of(nat.minAddress().get()), nat.minPort().getAsInt()));
        }
      }
    }
    return Optional.ofNullable(byBucket.get(bucket.id()));
  }
}
