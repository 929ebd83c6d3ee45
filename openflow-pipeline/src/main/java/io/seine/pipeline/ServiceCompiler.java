package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a service needs: for each port a group with a bucket for each endpoint, shared by all its
 * addresses, and a second one of the node's own endpoints where a policy asks for those; and the
 * flows of {@link Frontends}. With affinity, also those of {@link Affinity}.
 */
public final class ServiceCompiler {
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
    EndpointDnat dnat = new EndpointDnat(local);
    EndpointGroups.Purpose purpose =
        new EndpointGroups.Purpose(
            groupName(service, port, policy),
            Fingerprint.of(user.key()),
            port.protocol(),
            port.family(),
            port.affinitySeconds().isPresent());
    if (port.affinitySeconds().isEmpty()) {
      return List.of(
          new Action.Group(pick(purpose, endpoints, (endpoint, _) -> List.of(dnat.to(endpoint)))));
    }
    int group = ids.idOf(purpose.name(), purpose.flowKey());
    Affinity affinity = new Affinity(group, port.family(), port.affinitySeconds().getAsInt(), dnat);
    pick(purpose, endpoints, (_, bucket) -> affinity.pick(bucket));
    flows.addAll(affinity.flows(EndpointGroups.buckets(endpoints)));
    return affinity.ask();
  }

  private int pick(
      EndpointGroups.Purpose purpose,
      List<ServiceFact.Endpoint> endpoints,
      EndpointGroups.Target target) {
    EndpointGroups choice = EndpointGroups.of(purpose, endpoints, target, ids);
    groups.addAll(choice.groups());
    return choice.id();
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
}
