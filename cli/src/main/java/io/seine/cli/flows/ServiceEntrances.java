package io.seine.cli.flows;

import io.seine.cli.flows.ServiceView.Entrance;
import io.seine.cli.flows.ServiceView.From;
import io.seine.cli.flows.ServiceView.Treatment;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Port;
import io.seine.pipeline.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The ways to one port of a service, with what came by each. */
final class ServiceEntrances {
  private static final Set<Field> PORTS = Set.of(Field.TCP_DST, Field.UDP_DST, Field.SCTP_DST);
  private final LocalNode node;
  private final Port port;
  private final List<Flow> wanted;
  private final Map<Flow.Key, InstalledFlow> installed;

  /**
   * @param wanted the port's flows as they should be
   * @param installed the switch's flows
   */
  ServiceEntrances(
      LocalNode node, Port port, List<Flow> wanted, Map<Flow.Key, InstalledFlow> installed) {
    this.node = node;
    this.port = port;
    this.wanted = wanted.stream().filter(f -> f.table() == Table.SERVICE_LB.number()).toList();
    this.installed = installed;
  }

  List<Entrance> all() {
    List<Entrance> entrances = new ArrayList<>();
    for (Frontend frontend : port.frontends()) {
      if (frontend.inside() == frontend.outside()) {
        entrances.add(entrance(frontend, From.EVERYWHERE, frontend.inside()));
      } else {
        entrances.add(entrance(frontend, From.INSIDE, frontend.inside()));
        entrances.add(entrance(frontend, From.OUTSIDE, frontend.outside()));
      }
    }
    return entrances;
  }

  private Entrance entrance(Frontend frontend, From from, Policy policy) {
    List<Flow> flows = wanted.stream().filter(flow -> leadsTo(flow, frontend)).toList();
    List<Flow> letIn = flows.stream().filter(flow -> isFor(flow, frontend, from)).toList();
    List<Flow> rest = flows.stream().filter(flow -> isRest(flow, frontend)).toList();
    return new Entrance(
        frontend.kind(),
        frontend.kind() == Kind.NODE_PORT
            ? node.nodePortAddresses().stream().filter(a -> a.family() == port.family()).toList()
            : List.of(frontend.address()),
        frontend.port(),
        frontend.standIn(),
        from,
        treatment(policy),
        frontend.sources(),
        packets(letIn),
        packets(rest),
        (int)
            Stream.concat(letIn.stream(), rest.stream())
                .filter(flow -> !installed.containsKey(flow.key()))
                .count());
  }

  private Treatment treatment(Policy policy) {
    if (port.endpoints().isEmpty() && port.localEndpoints().isEmpty()) {
      return Treatment.REFUSED;
    }
    return switch (policy) {
      case CLUSTER -> port.endpoints().isEmpty() ? Treatment.REFUSED : Treatment.ANY_ENDPOINT;
      case LOCAL -> port.localEndpoints().isEmpty() ? Treatment.DROPPED : Treatment.LOCAL_ENDPOINT;
    };
  }

  private long packets(List<Flow> flows) {
    return flows.stream()
        .flatMap(flow -> Optional.ofNullable(installed.get(flow.key())).stream())
        .mapToLong(InstalledFlow::packets)
        .sum();
  }

  private static boolean leadsTo(Flow flow, Frontend frontend) {
    boolean samePort =
        PORTS.stream()
            .flatMap(field -> flow.match().get(field).stream())
            .anyMatch(match -> match.value().toLong() == frontend.port());
    Optional<Ip> destination =
        flow.match()
            .get(Field.IPV4_DST)
            .or(() -> flow.match().get(Field.IPV6_DST))
            .map(match -> Ip.of(match.value()));
    boolean sameAddress =
        frontend.kind() == Kind.NODE_PORT
            ? destination.isEmpty()
            : destination
                .filter(a ->
                    a.equals(frontend.address()) || frontend.standIn().stream().anyMatch(a::equals))
                .isPresent();
    return samePort && sameAddress;
  }

  private static boolean isRest(Flow flow, Frontend frontend) {
    return !frontend.sources().isEmpty()
        && flow.match().get(Field.IPV4_SRC).or(() -> flow.match().get(Field.IPV6_SRC)).isEmpty();
  }

  private static boolean isFor(Flow flow, Frontend frontend, From from) {
    return !isRest(flow, frontend)
        && switch (from) {
          case EVERYWHERE -> true;
          // An external address itself is only met from inside: the host puts its stand-in there.
          case INSIDE -> !has(flow, Registers.OUTSIDE.is(1));
          case OUTSIDE -> has(flow, Registers.OUTSIDE.is(1));
        };
  }

  /** Whether the flow asks for this value of the bits of a register, maybe beside other bits. */
  private static boolean has(Flow flow, FieldMatch bits) {
    long mask = bits.mask().orElseThrow().toLong();
    return flow.match()
        .get(bits.field())
        .filter(match -> match.mask().map(m -> (m.toLong() & mask) == mask).orElse(true))
        .filter(match -> (match.value().toLong() & mask) == bits.value().toLong())
        .isPresent();
  }
}
