package io.seine.cli.flows;

import io.seine.agent.events.Problem;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.cli.flows.WhyPlan.Pick;
import io.seine.cli.flows.WhyPlan.Route;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds the ways a connection to a service may take. For one question. */
final class WhyServices {
  /** Of several entrances that may be meant, the first of this order is looked at. */
  private static final List<Kind> ORDER =
      List.of(Kind.CLUSTER_IP, Kind.LOAD_BALANCER, Kind.EXTERNAL_IP, Kind.NODE_PORT);

  private static final Set<Kind> ADDRESSES =
      Set.of(Kind.CLUSTER_IP, Kind.LOAD_BALANCER, Kind.EXTERNAL_IP);
  private static final Set<Kind> FOR_OUTSIDE =
      Set.of(Kind.LOAD_BALANCER, Kind.EXTERNAL_IP, Kind.NODE_PORT);

  private final WhyQuestion question;
  private final WhyCluster cluster;
  private final WhyParty source;
  private final WhyTarget target;
  private final List<Route> routes = new ArrayList<>();
  private final List<WhyPlan.Dead> dead = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  WhyServices(WhyQuestion question) {
    this.question = question;
    cluster = question.cluster();
    source = question.source();
    target = question.target();
  }

  /** The ways to a service by one of its addresses, or by its name. */
  WhyPlan to(WhyParty.Service service) {
    ServiceInfo info = service.service();
    checkPort(info);
    if (info.clusterIps().isEmpty()) {
      headless(info);
    } else {
      for (Family family : Family.values()) {
        WhyClient.of(question, service, family).ifPresent(client -> from(client, service, family));
      }
    }
    if (routes.isEmpty() && dead.isEmpty()) {
      throw new IllegalArgumentException(unreachable(info));
    }
    return plan();
  }

  /** The ways to what a node serves on one of its ports; empty if that is no service's. */
  Optional<WhyPlan> toNode(WhyParty.Node node) {
    if (target.ping()) {
      return Optional.empty();
    }
    for (Ip address : node.addresses()) {
      Optional<ServiceInfo> external = cluster.serviceAt(address, target);
      if (external.isPresent()) {
        return Optional.of(to(new WhyParty.Service(external.get(), Optional.of(address))));
      }
    }
    Optional<ServiceInfo> served = cluster.serviceOfNodePort(target);
    served.ifPresent(info -> {
      for (Family family : Family.values()) {
        node.to(family)
            .filter(
                ip -> cluster.nodes().facts(node.name()).node().nodePortAddresses().contains(ip))
            .ifPresent(ip ->
                WhyClient.ofNodePort(question, node, ip)
                    .ifPresent(client ->
                        port(client, info, Set.of(Kind.NODE_PORT), Optional.of(ip), family)));
      }
      remarks.add("by a node port of service/" + info.key());
    });
    return served.filter(_ -> !routes.isEmpty() || !dead.isEmpty()).map(_ -> plan());
  }

  private WhyPlan plan() {
    return new WhyPlan(routes, dead, remarks.stream().distinct().toList());
  }

  private void checkPort(ServiceInfo info) {
    if (target.ping()) {
      throw new IllegalArgumentException("say which port of service/%s".formatted(info.key()));
    }
    if (info.type() == ServiceInfo.Type.EXTERNAL_NAME) {
      throw new IllegalArgumentException(
          "service/%s is but another name, for DNS: ask for the address that it stands for"
              .formatted(info.key()));
    }
    if (!info.clusterIps().isEmpty() && !has(info)) {
      throw new IllegalArgumentException(
          "service/%s has no %s; it has %s"
              .formatted(
                  info.key(),
                  target.service(),
                  info.ports().stream()
                      .map(p ->
                          p.protocol()
                              + " "
                              + p.port()
                              + (p.name().isEmpty() ? "" : " (" + p.name() + ")"))
                      .collect(Collectors.joining(", "))));
    }
  }

  private boolean has(ServiceInfo info) {
    return info.ports().stream().anyMatch(p -> target.means(p.port(), p.name(), p.protocol()));
  }

  private void from(WhyClient client, WhyParty.Service service, Family family) {
    if (client.outside() && question.via().isEmpty()) {
      remarks.add("as it comes in by %s; --via NODE for another".formatted(client.node()));
    }
    Set<Kind> kinds =
        service.asked().isPresent()
            ? ADDRESSES
            : client.outside() ? FOR_OUTSIDE : Set.of(Kind.CLUSTER_IP);
    port(client, service.service(), kinds, service.asked(), family);
  }

  private void port(
      WhyClient client, ServiceInfo info, Set<Kind> kinds, Optional<Ip> asked, Family family) {
    for (ServiceFact.Port port :
        cluster.fact(client.node(), info.key()).map(ServiceFact::ports).orElse(List.of())) {
      if (port.family() == family) {
        ORDER.stream()
            .filter(kinds::contains)
            .flatMap(kind -> port.frontends().stream().filter(f -> f.kind() == kind))
            .filter(f -> meant(f, port, asked))
            .findFirst()
            .ifPresent(frontend -> ways(client, info, port, frontend, asked));
      }
    }
  }

  private boolean meant(Frontend frontend, ServiceFact.Port port, Optional<Ip> asked) {
    boolean nodePort = frontend.kind() == Kind.NODE_PORT;
    String protocol = port.protocol().name();
    boolean toNode = nodePort && asked.isPresent();
    return toNode
        ? target.means(frontend.port(), "", protocol)
        : target.means(port.port(), port.name(), protocol)
            && (nodePort || asked.map(frontend.address()::equals).orElse(true));
  }

  private void ways(
      WhyClient client,
      ServiceInfo info,
      ServiceFact.Port port,
      Frontend frontend,
      Optional<Ip> asked) {
    boolean fromPod = !client.outside() && source instanceof WhyParty.Pod;
    Ip address =
        fromPod
            ? asked.orElse(frontend.address())
            : frontend.kind() == Kind.NODE_PORT
                ? Addresses.nodePort(port.family())
                : frontend.standIn().orElse(frontend.address());
    Transport transport = Transport.valueOf(port.protocol().name());
    Connection packet = new Connection(client.address(), address, transport, frontend.port());
    Hop hop =
        new Hop(
            client.node(),
            fromPod ? new Entry.FromPod((WhyParty.Pod) source) : new Entry.FromNode(),
            packet,
            Optional.empty(),
            fromPod,
            false);
    Policy policy = client.outside() ? frontend.outside() : frontend.inside();
    String traffic = client.outside() ? "externalTrafficPolicy" : "internalTrafficPolicy";
    Set<Endpoint> endpoints =
        new TreeSet<>(policy == Policy.LOCAL ? port.localEndpoints() : port.endpoints());
    if (!frontend.sources().isEmpty()
        && frontend.sources().stream().noneMatch(s -> s.contains(client.address()))) {
      dead.add(
          new WhyPlan.Dead(
              "loadBalancerSourceRanges of service/%s do not have %s: it is dropped"
                  .formatted(info.key(), client.address()),
              hop,
              false));
      return;
    }
    if (endpoints.isEmpty()) {
      boolean nowhere = port.endpoints().isEmpty();
      dead.add(
          new WhyPlan.Dead(
              nowhere
                  ? "service/%s has no endpoint for it: it is refused".formatted(info.key())
                  : "service/%s has no endpoint on %s, and its %s is Local: it is dropped"
                      .formatted(info.key(), client.node(), traffic),
              hop,
              nowhere));
      return;
    }
    if (policy == Policy.LOCAL) {
      remarks.add("only endpoints on %s: %s is Local".formatted(client.node(), traffic));
    }
    endpoints.forEach(endpoint -> routes.add(route(client, hop, endpoint, endpoints)));
  }

  private Route route(WhyClient client, Hop hop, Endpoint endpoint, Set<Endpoint> all) {
    Connection packet = hop.packet();
    WhyParty end = cluster.at(endpoint.address());
    boolean here = end.node().equals(client.node());
    boolean toPod = end instanceof WhyParty.Pod;
    LocalNode node = cluster.nodes().facts(client.node()).node();
    // What comes from outside the pod network leaves for another node with the gateway's address.
    boolean translated = !here && !(source instanceof WhyParty.Pod && !client.outside());
    Ip gateway =
        node.network(endpoint.address().family())
            .map(LocalNode.Network::gateway)
            .orElse(client.address());
    Connection straight =
        new Connection(client.address(), endpoint.address(), packet.transport(), endpoint.port());
    Connection arriving =
        new Connection(
            translated ? gateway : client.address(),
            endpoint.address(),
            packet.transport(),
            endpoint.port());
    boolean direct = toPod && !endpoint.address().equals(client.address());
    List<Hop> hops = new ArrayList<>(client.first());
    hops.add(
        new Hop(
            hop.node(),
            hop.entry(),
            packet,
            Optional.of(new Pick(endpoint, all, direct ? Optional.of(straight) : Optional.empty())),
            hop.egress(),
            toPod && here));
    if (toPod && !here) {
      hops.add(WhyPlanner.arriving(client.node(), (WhyParty.Pod) end, arriving));
    }
    Connection leaving = client.leaving().orElse(straight);
    return new Route(
        source.end(leaving.source()), end.end(endpoint.address()), leaving, arriving, hops);
  }

  /** Its name is that of its pods' addresses, and nobody translates a port. */
  private void headless(ServiceInfo info) {
    for (SliceInfo slice : cluster.slices()) {
      if (!slice.service().equals(info.key())) {
        continue;
      }
      for (SliceInfo.Port port : ports(slice)) {
        slice.endpoints().stream()
            .filter(e -> e.condition() == SliceInfo.Condition.READY)
            .map(e -> Ip.parse(e.address()))
            .forEach(to ->
                source
                    .from(to.family())
                    .ifPresent(from ->
                        routes.add(
                            WhyPlanner.straight(
                                source,
                                cluster.at(to),
                                new Connection(
                                    from, to, Transport.valueOf(port.protocol()), port.port())))));
      }
    }
    remarks.add("a headless service: its name is that of its pods, and no port is translated");
  }

  private List<SliceInfo.Port> ports(SliceInfo slice) {
    if (target.number().isPresent()) {
      return List.of(
          new SliceInfo.Port(
              "", target.transport().orElse(Transport.TCP).name(), target.number().getAsInt()));
    }
    return slice.ports().stream()
        .filter(p -> target.means(p.port(), p.name(), p.protocol()))
        .toList();
  }

  /** Why there is neither a way nor a dead end. */
  private String unreachable(ServiceInfo info) {
    if (info.clusterIps().isEmpty()) {
      return "the headless service/%s has no pod that is ready, with %s, in a family of %s's"
          .formatted(info.key(), target.service(), source.name());
    }
    String node =
        source.node().isEmpty() ? cluster.objects().nodes().getFirst().name() : source.node();
    ClusterFacts facts = cluster.nodes().facts(node);
    String problems =
        facts.problems().stream()
            .filter(p -> p.object().kind().equals("Service") && p.object().key().equals(info.key()))
            .map(Problem::message)
            .collect(Collectors.joining("; "));
    if (!problems.isEmpty()) {
      return "%s on service/%s is not served: %s".formatted(target.service(), info.key(), problems);
    }
    return source instanceof WhyParty.Outside
        ? "service/%s has no address outside the cluster".formatted(info.key())
        : "service/%s and %s have no addresses of one family, or it is left to another proxy"
            .formatted(info.key(), source.name());
  }
}
