package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.util.Optional;
import java.util.stream.Stream;

/** What a flow is for, in a few words. */
final class Intention {
  private Intention() {}

  static String of(
      Flow flow, long cookie, Optional<Owner.Kind> kind, Optional<Owner> owner, Words words) {
    if (kind.isEmpty()) {
      return Cookie.kind(cookie).isPresent()
          ? "written by Seine and altered by someone else"
          : "not written by Seine";
    }
    if (kind.get() == Owner.Kind.LEARNED) {
      return "learnt from traffic";
    }
    Optional<Table> table = Table.of(flow.table());
    if (table.isEmpty()) {
      return "of a table that this version does not have";
    }
    if (flow.priority() == 0) {
      return table
          .get()
          .miss()
          .map(t -> "anything else goes on")
          .orElse("anything else is dropped");
    }
    String who =
        owner
            .map(Owner::toString)
            .orElseGet(() -> kind.get().name().toLowerCase(java.util.Locale.ROOT));
    boolean drop = flow.actions().isEmpty();
    return switch (table.get()) {
      case CLASSIFIER -> "what comes from " + (isBase(kind) ? port(flow, words) : who);
      case ARP_GUARD ->
          (drop ? "no answer to announcements of " : "true requests of ")
              + (isBase(kind) ? port(flow, words) : who);
      case ARP_RESPONDER -> "answer for " + field(flow, Field.ARP_TPA, words);
      case SOURCE_GUARD -> (isBase(kind) ? port(flow, words) : who) + " sends as itself";
      case UN_SNAT -> "replies to what Snat translated";
      case CONNTRACK -> "find the connection";
      case CONNTRACK_STATE -> drop ? "fits no connection" : "new connections";
      case NODE_PORT_MARK -> marked(flow);
      case SERVICE_LB -> service(flow, who, words);
      case AFFINITY -> "clients of " + who;
      case ENDPOINT_DNAT ->
          flow.match().get(Registers.ENDPOINT.range().field()).isPresent()
              ? "to an endpoint of " + who + ", and remember it"
              : "a client without an endpoint of " + who;
      case ROUTING -> routed(flow, drop, words);
      case TTL -> "a hop";
      case SNAT -> isBase(kind) ? nodeToService(flow) : who + " to itself by its service";
      case DELIVERY ->
          drop
              ? "never back to the gateway"
              : "deliver to " + (isBase(kind) ? side(flow, Registers.DESTINATION) : who);
      case COMMIT -> "record a new connection";
      case OUTPUT -> "send";
      case EGRESS_POLICY, INGRESS_POLICY -> "policy " + who;
    };
  }

  private static boolean isBase(Optional<Owner.Kind> kind) {
    return kind.equals(Optional.of(Owner.Kind.BASE));
  }

  private static String marked(Flow flow) {
    if (flow.match().get(Registers.SOURCE.range().field()).isEmpty()) {
      return "connections";
    }
    String who =
        side(flow, Registers.SOURCE).equals("pod")
            ? "pods"
            : source(flow).map(_ -> "the node itself").orElse("those outside");
    return destination(flow).map(_ -> who + " to node ports").orElse(who);
  }

  private static Optional<FieldMatch> source(Flow flow) {
    return flow.match().get(Field.IPV4_SRC).or(() -> flow.match().get(Field.IPV6_SRC));
  }

  private static Optional<FieldMatch> destination(Flow flow) {
    return flow.match().get(Field.IPV4_DST).or(() -> flow.match().get(Field.IPV6_DST));
  }

  private static String service(Flow flow, String who, Words words) {
    String port =
        Stream.of(Field.TCP_DST, Field.UDP_DST, Field.SCTP_DST)
            .flatMap(f -> flow.match().get(f).stream())
            .findFirst()
            .map(m ->
                ":"
                    + m.value().toLong()
                    + "/"
                    + m.field().ovsName().substring(0, m.field().ovsName().indexOf('_')))
            .orElse("");
    String target =
        flow.actions().stream()
            .filter(Action.Group.class::isInstance)
            .map(a -> words.endpointsOf(((Action.Group) a).groupId()))
            .findFirst()
            .orElse("no endpoint, refused");
    return who + port + " → " + target;
  }

  private static String undelivered(Flow flow) {
    return flow.match().get(Field.UDP_DST).isPresent()
        ? "pods make no tunnels: "
        : "nobody there: ";
  }

  private static String routed(Flow flow, boolean drop, Words words) {
    if (flow.match().get(Field.IPV4_DST).isPresent()) {
      return (drop ? undelivered(flow) : "to ") + field(flow, Field.IPV4_DST, words);
    }
    String from = "from " + side(flow, Registers.SOURCE);
    return drop ? from + " to nobody here" : from + " to elsewhere, which the node routes";
  }

  private static String nodeToService(Flow flow) {
    return flow.actions().getFirst() instanceof Action.GotoTable
        ? "the gateway's own address comes back by itself"
        : "the node to a service";
  }

  /** The value of the register that the flow matches. */
  private static String side(Flow flow, NamedBits register) {
    return flow.match()
        .get(register.range().field())
        .flatMap(m ->
            register.nameOf((m.value().toLong() & register.mask()) >>> register.range().from()))
        .orElse("anywhere");
  }

  private static String port(Flow flow, Words words) {
    return field(flow, Field.IN_PORT, words);
  }

  private static String field(Flow flow, Field field, Words words) {
    Optional<FieldMatch> match = flow.match().get(field);
    if (match.isEmpty()) {
      return "anyone";
    }
    return field == Field.IN_PORT
        ? words.port((int) match.get().value().toLong())
        : words.address(match.get());
  }
}
