package io.seine.cli.flows;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.cli.flows.ServiceView.Pool;
import io.seine.cli.flows.ServiceView.Refusal;
import io.seine.cli.flows.ServiceView.Remembered;
import io.seine.cli.flows.ServiceView.Share;
import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.pipeline.EndpointGroups;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts together what the API says of a service and what a node's switch has of it. */
final class ServiceReading {
  private final LocalNode node;
  private final GroupIds ids;
  private final ServicePools pools;
  private final Map<Flow.Key, InstalledFlow> installed = new HashMap<>();
  private final Map<Ip, Owner> pods;

  /**
   * What the API says of the service.
   *
   * @param leftAlone whether the agent leaves it to another proxy
   * @param fact what the agent makes of it; empty if nothing
   * @param slices the service's
   * @param problems the node's, of this service and of others
   */
  record Told(
      ServiceInfo service,
      boolean leftAlone,
      Optional<ServiceFact> fact,
      List<SliceInfo> slices,
      List<Problem> problems) {}

  /**
   * @param ids as the switch has them
   * @param pods by their addresses
   */
  ServiceReading(
      LocalNode node,
      GroupIds ids,
      Collection<InstalledFlow> flows,
      Collection<Group> groups,
      Collection<GroupCounts> counts,
      Map<Ip, Owner> pods) {
    this.node = node;
    this.ids = ids;
    this.pools = new ServicePools(groups, counts);
    this.pods = pods;
    flows.forEach(flow -> installed.put(flow.flow().key(), flow));
  }

  ServiceView view(Told told) {
    ObjectKey key = told.service().key();
    return new ServiceView(
        node.name(),
        new Owner.Service(key.namespace(), key.name()),
        told.fact().isPresent() ? Optional.empty() : Optional.of(notServed(told)),
        told.service().external().healthCheckNodePort(),
        told.fact().stream()
            .flatMap(fact -> fact.ports().stream().map(port -> port(fact, port, told.slices())))
            .toList(),
        told.problems().stream()
            .filter(problem -> concerns(problem, told))
            .map(problem -> new Refusal(problem.reason(), problem.message()))
            .toList());
  }

  private static String notServed(Told told) {
    if (told.leftAlone()) {
      return told.service().proxyName().isEmpty()
          ? "left to others ('skipServices')"
          : "left to the proxy '%s' (label service.kubernetes.io/service-proxy-name)"
              .formatted(told.service().proxyName());
    }
    return told.service().clusterIps().isEmpty()
        ? "it has no cluster IP (headless, or ExternalName), so the switch has nothing to do for it"
        : "nothing of it can be served";
  }

  private static boolean concerns(Problem problem, Told told) {
    return switch (problem.object().kind()) {
      case "Service" -> problem.object().key().equals(told.service().key());
      case "EndpointSlice" ->
          told.slices().stream().anyMatch(slice -> slice.key().equals(problem.object().key()));
      default -> false;
    };
  }

  private ServiceView.Port port(
      ServiceFact service, ServiceFact.Port port, List<SliceInfo> slices) {
    FlowSet wanted =
        ServiceCompiler.compile(
            new ServiceFact(service.namespace(), service.name(), List.of(port)), ids);
    Optional<Picked> cluster =
        group(service, port, Policy.CLUSTER).map(id -> new Picked(id, port.endpoints()));
    Optional<Picked> local =
        group(service, port, Policy.LOCAL).map(id -> new Picked(id, port.localEndpoints()));
    List<Pool> found = new ArrayList<>();
    cluster.ifPresent(p -> found.add(new Pool(false, p.group(), pools.method(p.group()))));
    local.ifPresent(p -> found.add(new Pool(true, p.group(), pools.method(p.group()))));
    List<Remembered> remembered = new ArrayList<>();
    cluster.ifPresent(picked -> remembered.addAll(remembered(picked, port)));
    local.ifPresent(picked -> remembered.addAll(remembered(picked, port)));
    remembered.sort(Comparator.comparing(Remembered::client));
    return new ServiceView.Port(
        port.name(),
        port.protocol(),
        port.port(),
        port.affinitySeconds(),
        new ServiceEntrances(node, port, wanted.flows(), installed).all(),
        found,
        new ServiceBackends(node.name(), port, pods)
            .all(
                slices,
                cluster.map(picked -> shares(picked, port, wanted)).orElse(Map.of()),
                local.map(picked -> shares(picked, port, wanted)).orElse(Map.of())),
        remembered);
  }

  /** The endpoints of a group by their buckets. */
  private record Picked(int group, Map<Integer, Endpoint> buckets) {
    Picked(int group, List<Endpoint> endpoints) {
      this(group, EndpointGroups.buckets(endpoints));
    }
  }

  private Map<Endpoint, Share> shares(Picked picked, ServiceFact.Port port, FlowSet wanted) {
    Map<Endpoint, Share> shares = new HashMap<>(pools.shares(picked.group(), picked.buckets()));
    if (port.affinitySeconds().isEmpty()) {
      return shares;
    }
    // Clients that are remembered pass the group by; what they and others have in common is the
    // flow that translates to the endpoint.
    for (Flow flow : wanted.flows()) {
      Optional<Endpoint> endpoint =
          register(flow, Registers.ENDPOINT.range().field())
              .map(bucket -> picked.buckets().get((int) (long) bucket));
      InstalledFlow counted = installed.get(flow.key());
      if (isOf(flow, Table.ENDPOINT_DNAT, picked.group())
          && endpoint.isPresent()
          && counted != null) {
        shares.computeIfPresent(
            endpoint.get(), (_, share) -> new Share(share.part(), counted.packets()));
      }
    }
    return shares;
  }

  private static boolean isOf(Flow flow, Table table, int group) {
    return flow.table() == table.number()
        && register(flow, Registers.GROUP.range().field())
            .filter(id -> id == Integer.toUnsignedLong(group))
            .isPresent();
  }

  /** The group that the port's frontends with this policy go to; empty if they go to none. */
  private Optional<Integer> group(ServiceFact service, ServiceFact.Port port, Policy policy) {
    List<ServiceFact.Frontend> theirs =
        port.frontends().stream()
            .filter(f -> f.inside() == policy || f.outside() == policy)
            .map(f ->
                new ServiceFact.Frontend(
                    f.kind(), f.address(), f.port(), f.standIn(), policy, policy, f.sources()))
            .toList();
    ServiceFact.Port alone =
        new ServiceFact.Port(
            port.name(),
            port.protocol(),
            port.family(),
            port.port(),
            theirs,
            port.endpoints(),
            port.localEndpoints(),
            port.affinitySeconds());
    ServiceFact fact = new ServiceFact(service.namespace(), service.name(), List.of(alone));
    return ServiceCompiler.compile(fact, ids).flows().stream()
        .filter(flow -> flow.table() == Table.SERVICE_LB.number())
        .flatMap(flow -> flow.actions().stream())
        .flatMap(action -> groupOf(action).stream())
        .findFirst();
  }

  private static Optional<Integer> groupOf(Action action) {
    return switch (action) {
      case Action.Group group -> Optional.of(group.groupId());
      case Action.SetField set when set.field().equals(Registers.GROUP.range().field()) ->
          Optional.of((int) set.value().toLong());
      default -> Optional.empty();
    };
  }

  private List<Remembered> remembered(Picked picked, ServiceFact.Port port) {
    if (port.affinitySeconds().isEmpty()) {
      return List.of();
    }
    List<Remembered> clients = new ArrayList<>();
    for (InstalledFlow flow : installed.values()) {
      Optional<Ip> client = client(flow.flow()).filter(ip -> ip.family() == port.family());
      if (isOf(flow.flow(), Table.AFFINITY, picked.group()) && client.isPresent()) {
        int timeout =
            flow.idleTimeout() == 0 ? port.affinitySeconds().getAsInt() : flow.idleTimeout();
        Duration left = Duration.ofSeconds(timeout).minus(flow.idle());
        clients.add(
            new Remembered(
                client.get(),
                Optional.ofNullable(picked.buckets().get(bucket(flow.flow()))),
                flow.idle(),
                left.isNegative() ? Duration.ZERO : left));
      }
    }
    return clients;
  }

  private static Optional<Ip> client(Flow flow) {
    return flow.match()
        .get(Field.IPV4_SRC)
        .or(() -> flow.match().get(Field.IPV6_SRC))
        .map(match -> Ip.of(match.value()));
  }

  private static Optional<Long> register(Flow flow, FieldId register) {
    return flow.match().get(register).map(match -> match.value().toLong());
  }

  private static int bucket(Flow flow) {
    return flow.actions().stream()
        .filter(action ->
            action instanceof Action.SetField set
                && set.field().equals(Registers.ENDPOINT.range().field()))
        .map(action -> (int) ((Action.SetField) action).value().toLong())
        .findFirst()
        .orElse(0);
  }
}
