package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Group;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The groups from which the switch picks one of some endpoints for a new connection.
 *
 * <p>Pure: equal arguments make equal groups, on every node and after a restart, whatever the order
 * in which the endpoints come. An endpoint keeps its bucket id for as long as it is there.
 *
 * @param id of the group that flows go to
 * @param groups those that others lead to come first
 */
public record EndpointGroups(int id, List<Group> groups) {
  private static final int WEIGHT = 100;
  private static final int POSITIVE = 0x7fffffff;

  public EndpointGroups {
    groups = List.copyOf(groups);
  }

  /**
   * What the groups are for.
   *
   * @param name of the group, unique in the switch; its id is made from it
   * @param flowKey fingerprint of the key of a flow that goes to the group, as {@link
   *     GroupIds#idOf} needs it
   * @param affinity a flow that the switch learns may come to stand before the group: each new
   *     connection must then be seen by Open vSwitch itself, so that {@code dp_hash} is out
   */
  public record Purpose(
      String name, long flowKey, ServiceFact.Protocol protocol, Family family, boolean affinity) {}

  /** What a bucket does to send a connection to its endpoint. */
  @FunctionalInterface
  public interface Target {
    /**
     * @param bucketId the endpoint's, from {@link #buckets}
     */
    List<Action> actions(ServiceFact.Endpoint endpoint, int bucketId);
  }

  /**
   * Makes the groups.
   *
   * @param endpoints at least one; given twice counts once
   */
  public static EndpointGroups of(
      Purpose purpose, Collection<ServiceFact.Endpoint> endpoints, Target target, GroupIds ids) {
    if (endpoints.isEmpty()) {
      throw new IllegalArgumentException("no endpoint for group " + purpose.name);
    }
    List<Group.Bucket> buckets = new ArrayList<>(endpoints.size());
    buckets(endpoints)
        .forEach((id, endpoint) ->
            buckets.add(new Group.Bucket(id, WEIGHT, target.actions(endpoint, id))));
    int id = ids.idOf(purpose.name, purpose.flowKey);
    int subGroups = GroupSelection.subGroups(buckets.size());
    return new EndpointGroups(
        id,
        subGroups == 1
            ? List.of(flat(purpose, id, buckets))
            : nested(purpose, id, buckets, subGroups, ids));
  }

  /**
   * Each endpoint once, in their order, by the id of its bucket: a positive number, made from
   * address and port.
   */
  public static Map<Integer, ServiceFact.Endpoint> buckets(
      Collection<ServiceFact.Endpoint> endpoints) {
    Map<Integer, ServiceFact.Endpoint> buckets = LinkedHashMap.newLinkedHashMap(endpoints.size());
    Set<Integer> taken = HashSet.newHashSet(endpoints.size());
    for (ServiceFact.Endpoint endpoint : new TreeSet<>(endpoints)) {
      buckets.put(free((int) Fingerprint.of(endpoint.toString()) & POSITIVE, taken), endpoint);
    }
    return buckets;
  }

  // Zero is no bucket of ours: where an id is in a register, it means that none was chosen.
  private static int free(int first, Set<Integer> taken) {
    int id = first;
    while (id == 0 || !taken.add(id)) {
      id = (id + 1) & POSITIVE;
    }
    return id;
  }

  private static Group flat(Purpose purpose, int id, List<Group.Bucket> buckets) {
    Optional<List<Integer>> slots =
        purpose.affinity ? Optional.empty() : GroupSelection.slots(buckets.size());
    return slots
        .map(weights ->
            new Group(
                id,
                Group.Type.SELECT,
                Optional.of(GroupSelection.BY_DP_HASH),
                weighted(buckets, weights)))
        .orElseGet(() -> byHash(purpose, id, buckets, 0));
  }

  private static List<Group.Bucket> weighted(List<Group.Bucket> buckets, List<Integer> weights) {
    List<Group.Bucket> weighted = new ArrayList<>(weights.size());
    for (int i = 0; i < buckets.size(); i++) {
      Group.Bucket bucket = buckets.get(i);
      weighted.add(new Group.Bucket(bucket.id(), weights.get(i), bucket.actions()));
    }
    if (weights.size() > buckets.size()) {
      Set<Integer> taken = new HashSet<>();
      buckets.forEach(bucket -> taken.add(bucket.id()));
      weighted.add(
          new Group.Bucket(free(1, taken), weights.getLast(), buckets.getFirst().actions()));
    }
    return weighted;
  }

  private static List<Group> nested(
      Purpose purpose, int id, List<Group.Bucket> buckets, int subGroups, GroupIds ids) {
    List<Group> groups = new ArrayList<>(subGroups + 1);
    List<Group.Bucket> top = new ArrayList<>(subGroups);
    for (int i = 0; i < subGroups; i++) {
      String name = purpose.name + "/#" + i;
      int sub = ids.idOf(name, Fingerprint.of(name));
      List<Group.Bucket> part =
          buckets.subList(i * buckets.size() / subGroups, (i + 1) * buckets.size() / subGroups);
      groups.add(byHash(purpose, sub, part, 0));
      top.add(new Group.Bucket(i + 1, WEIGHT, List.of(new Action.Group(sub))));
    }
    groups.add(byHash(purpose, id, top, 1));
    return groups;
  }

  private static Group byHash(Purpose purpose, int id, List<Group.Bucket> buckets, int level) {
    return new Group(
        id,
        Group.Type.SELECT,
        Optional.of(GroupSelection.byHash(purpose.protocol, purpose.family, level)),
        buckets);
  }
}
