package io.seine.reconcile;

import io.seine.openflow.Action;
import io.seine.openflow.CtFlush.Peer;
import io.seine.openflow.FieldId;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which endpoints the UDP addresses of a set of flows and groups lead to: by a group, by groups of
 * groups, and by the tables of affinity.
 */
final class Reach {
  private static final FieldId GROUP = Registers.GROUP.range().field();

  /** The flows of each address. */
  final Map<Peer, Map<Flow.Key, Flow>> frontends = new LinkedHashMap<>();

  private final Map<Integer, Group> groups = new HashMap<>();
  private final Map<Integer, List<Flow>> byRegister = new HashMap<>();
  private final Map<List<Action>, Set<Peer>> known = new HashMap<>();

  Reach(FlowSet set) {
    set.groups().forEach(group -> groups.put(group.id(), group));
    for (Flow flow : set.flows()) {
      if (StaleConnections.isFrontend(flow)) {
        StaleConnections.frontend(flow.match())
            .ifPresent(peer ->
                frontends.computeIfAbsent(peer, p -> new LinkedHashMap<>()).put(flow.key(), flow));
      } else if (flow.table() == Table.ENDPOINT_DNAT.number()) {
        flow.match()
            .get(GROUP)
            .filter(m -> m.mask().isEmpty())
            .ifPresent(group ->
                byRegister
                    .computeIfAbsent((int) group.value().toLong(), g -> new ArrayList<>())
                    .add(flow));
      }
    }
  }

  /** The endpoints that a frontend's flow leads to. */
  Set<Peer> of(Flow flow) {
    return known.computeIfAbsent(
        flow.actions(),
        actions -> {
          Set<Peer> endpoints = new LinkedHashSet<>();
          follow(actions, endpoints, new LinkedHashSet<>(), new LinkedHashSet<>());
          return endpoints;
        });
  }

  private void follow(
      List<Action> actions, Set<Peer> endpoints, Set<Integer> seen, Set<Integer> seenRegisters) {
    for (Action action : actions) {
      switch (action) {
        case Action.Ct ct ->
            ct.nat()
                .filter(nat -> nat.minAddress().isPresent() && nat.minPort().isPresent())
                .ifPresent(nat ->
                    endpoints.add(
                        Peer.of(
                            Ip.of(nat.minAddress().orElseThrow()), nat.minPort().orElseThrow())));
        case Action.Group group -> {
          Optional<Group> next = Optional.ofNullable(groups.get(group.groupId()));
          if (next.isPresent() && seen.add(group.groupId())) {
            next.get()
                .buckets()
                .forEach(bucket -> follow(bucket.actions(), endpoints, seen, seenRegisters));
          }
        }
        case Action.SetField set when set.field().equals(GROUP) -> {
          int register = (int) set.value().toLong();
          if (seenRegisters.add(register)) {
            byRegister
                .getOrDefault(register, List.of())
                .forEach(flow -> follow(flow.actions(), endpoints, seen, seenRegisters));
          }
        }
        default -> {}
      }
    }
  }
}
