package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a service needs: for each port a group with a bucket for each endpoint, shared by all its
 * addresses, and a second one of the node's own endpoints where a policy asks for those; and the
 * flows of {@link Frontends}. With affinity, also those of {@link Affinity}.
 */
public final class ServiceCompiler {
  private static final int WEIGHT = 100;

  private final ServiceFact service;
  private final GroupIds ids;
  private final List<Flow> flows = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();

  private ServiceCompiler(ServiceFact service, GroupIds ids) {
    this.service = service;
    this.ids = ids;
  }

  public static FlowSet compile(ServiceFact service, GroupIds ids) {
    ServiceCompiler compiler = new ServiceCompiler(service, ids);
    service.ports().forEach(compiler::port);
    return new FlowSet(compiler.flows, compiler.groups);
  }

  private void port(ServiceFact.Port port) {
    List<Frontends.Entry> entries = Frontends.of(port);
    Map<ServiceFact.Policy, List<Action>> actions = new TreeMap<>();
    for (Frontends.Entry entry : entries) {
      entry
          .policy()
          .ifPresent(policy ->
              actions.computeIfAbsent(policy, _ -> serve(port, policy, entry.flow(List.of()))));
    }
    for (Frontends.Entry entry : entries) {
      flows.add(entry.flow(entry.policy().map(actions::get).orElse(List.of())));
    }
  }

  /** What becomes of a connection that the port takes, by the policy of the way it came. */
  private List<Action> serve(ServiceFact.Port port, ServiceFact.Policy policy, Flow user) {
    boolean local = policy == ServiceFact.Policy.LOCAL;
    List<ServiceFact.Endpoint> endpoints = local ? port.localEndpoints() : port.endpoints();
    if (endpoints.isEmpty()) {
      return port.endpoints().isEmpty() ? List.of(ToAgent.reject()) : List.of();
    }
    int group = ids.idOf(groupName(service, port, policy), Fingerprint.of(user.key()));
    Map<Integer, ServiceFact.Endpoint> buckets = buckets(endpoints);
    EndpointDnat dnat = new EndpointDnat(local);
    if (port.affinitySeconds().isEmpty()) {
      add(port, group, buckets, (_, endpoint) -> List.of(dnat.to(endpoint)));
      return List.of(new Action.Group(group));
    }
    Affinity affinity = new Affinity(group, port.family(), port.affinitySeconds().getAsInt(), dnat);
    add(port, group, buckets, (bucket, _) -> affinity.pick(bucket));
    flows.addAll(affinity.flows(buckets));
    return affinity.ask();
  }

  /** What the bucket with an id does that stands for an endpoint. */
  private interface Pick {
    List<Action> actions(int bucket, ServiceFact.Endpoint endpoint);
  }

  private void add(
      ServiceFact.Port port, int id, Map<Integer, ServiceFact.Endpoint> endpoints, Pick pick) {
    List<Group.Bucket> buckets = new ArrayList<>(endpoints.size());
    endpoints.forEach((bucket, endpoint) ->
        buckets.add(new Group.Bucket(bucket, WEIGHT, pick.actions(bucket, endpoint))));
    groups.add(
        new Group(
            id,
            Group.Type.SELECT,
            GroupSelection.of(
                port.protocol(), port.family(), buckets.size(), port.affinitySeconds().isPresent()),
            buckets));
  }

  /** What the id of a service port's group is made from. */
  static String groupName(ServiceFact service, ServiceFact.Port port, ServiceFact.Policy policy) {
    return "%s/%s/%s/%d%s%s"
        .formatted(
            service.namespace(),
            service.name(),
            port.protocol(),
            port.port(),
            port.family() == Family.IPV6 ? "/v6" : "",
            policy == ServiceFact.Policy.LOCAL ? "/local" : "");
  }

  /** Each endpoint once, by the id of its bucket: the same in any order, and never 0. */
  private static Map<Integer, ServiceFact.Endpoint> buckets(List<ServiceFact.Endpoint> endpoints) {
    Map<Integer, ServiceFact.Endpoint> buckets = new LinkedHashMap<>();
    Set<Integer> taken = new HashSet<>(Set.of(0));
    for (ServiceFact.Endpoint endpoint : new TreeSet<>(endpoints)) {
      int id = (int) Fingerprint.of(endpoint.toString()) & 0x7fffffff;
      while (!taken.add(id)) {
        id = (id + 1) & 0x7fffffff;
      }
      buckets.put(id, endpoint);
    }
    return buckets;
  }
}
