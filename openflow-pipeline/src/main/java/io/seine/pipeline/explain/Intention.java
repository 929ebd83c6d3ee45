package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.CtMarks;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import java.util.Optional;

/** What a flow is for, in a few words. */
final class Intention {
  private final Words words;
  private final ServiceWords services;

  Intention(Names names, Words words) {
    this.words = words;
    this.services = new ServiceWords(names, words);
  }

  String of(Flow flow, long cookie, Optional<Owner.Kind> kind, Optional<Owner> owner) {
    if (kind.isEmpty()) {
      return Cookie.kind(cookie).isPresent()
          ? "written by Seine and altered by someone else"
          : "not written by Seine";
    }
    if (kind.get() == Owner.Kind.LEARNED) {
      return services.client(flow, owner.map(Owner::toString).orElse("a service"));
    }
    Optional<Table> table = Table.of(flow.table());
    if (table.isEmpty()) {
      return "of a table that this version does not have";
    }
    if (flow.priority() == 0 && table.get() == Table.AFFINITY) {
      return "any other client has no endpoint yet";
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
      case CLASSIFIER ->
          drop
              ? "never of use: " + icmpv6(flow)
              : "what comes from " + (isBase(kind) ? port(flow) : who);
      case ARP_GUARD ->
          (drop ? "no answer to announcements of " : "true requests of ")
              + (isBase(kind) ? port(flow) : who);
      case ARP_RESPONDER ->
          flow.match().get(Field.ARP_TPA).isPresent()
              ? "answer for " + field(flow, Field.ARP_TPA)
              : "the agent answers for " + field(flow, Field.ND_TARGET);
      case SOURCE_GUARD ->
          drop
              ? "nobody has an address of the link alone"
              : (isBase(kind) ? port(flow) : who) + " sends as itself";
      case UN_SNAT -> "replies to what Snat translated";
      case CONNTRACK -> "find the connection";
      case CONNTRACK_STATE -> state(flow, drop);
      case NODE_PORT_MARK -> marked(flow);
      case SERVICE_LB -> services.frontend(flow, who);
      case AFFINITY -> "clients of " + who;
      case ENDPOINT_DNAT -> services.dnat(flow, who);
      case ROUTING -> routed(flow, drop);
      case TTL -> "a hop";
      case SNAT -> isBase(kind) ? nodeToService(flow) : who + " to itself by its service";
      case DELIVERY ->
          drop
              ? "never back to the gateway"
              : "deliver to " + (isBase(kind) ? side(flow, Registers.DESTINATION) : who);
      case COMMIT -> recorded(flow, drop);
      case OUTPUT -> "send";
      case EGRESS_POLICY, INGRESS_POLICY ->
          isBase(kind) ? unjudged(flow) : words.policies().of(flow, who);
      case EGRESS_PEERS,
          EGRESS_BLOCKS,
          EGRESS_ADMIN,
          EGRESS_NETWORK_POLICY,
          EGRESS_BASELINE,
          INGRESS_PEERS,
          INGRESS_BLOCKS,
          INGRESS_ADMIN,
          INGRESS_NETWORK_POLICY,
          INGRESS_BASELINE ->
          words.policies().of(flow, who);
    };
  }

  private static boolean isBase(Optional<Owner.Kind> kind) {
    return kind.equals(Optional.of(Owner.Kind.BASE));
  }

  private static String state(Flow flow, boolean drop) {
    if (!drop) {
      return "new connections";
    }
    if (has(flow, Registers.PROBE)) {
      return "a probe of a connection that is not there";
    }
    return has(flow, CtMarks.DENIED) ? "an answer within what is denied" : "fits no connection";
  }

  private static String unjudged(Flow flow) {
    if (has(flow, Registers.HAIRPIN)) {
      return "a pod may reach itself";
    }
    return source(flow).or(() -> destination(flow)).isPresent()
        ? "a pod and its own node may reach each other"
        : "an answer within what is allowed";
  }

  private static String recorded(Flow flow, boolean drop) {
    if (has(flow, Registers.PROBE)) {
      return drop ? "a probe goes no further" : "a probe finds it allowed again";
    }
    if (has(flow, Registers.DENIED)) {
      return drop ? "denied" : "denied, and recorded: its answers are denied from now on";
    }
    if (has(flow, CtMarks.DENIED)) {
      return "allowed again";
    }
    if (source(flow).isPresent()) {
      return "the node's own connections have ports of their own";
    }
    return has(flow, Registers.LABELLED)
        ? "note which rules allowed a connection to a service"
        : "record a new connection";
  }

  /** Whether the flow asks for the flag to be set. */
  private static boolean has(Flow flow, NamedBits flag) {
    return flow.match()
        .get(flag.range().field())
        .filter(m -> (m.value().toLong() & flag.mask()) != 0)
        .isPresent();
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

  private static String icmpv6(Flow flow) {
    long type = flow.match().get(Field.ICMPV6_TYPE).map(m -> m.value().toLong()).orElse(0L);
    return switch ((int) type) {
      case 130, 131, 132, 143 -> "multicast listeners";
      case 133 -> "router solicitations";
      case 134 -> "router advertisements";
      case 135 -> "other solicitations";
      case 136 -> "neighbour advertisements";
      case 137 -> "redirects";
      default -> "this";
    };
  }

  private static String undelivered(Flow flow) {
    return flow.match().get(Field.UDP_DST).isPresent()
        ? "pods make no tunnels: "
        : "nobody there: ";
  }

  private String routed(Flow flow, boolean drop) {
    Optional<FieldMatch> to = destination(flow);
    if (to.isPresent()) {
      return (drop ? undelivered(flow) : "to ") + words.address(to.get());
    }
    String from = "from " + side(flow, Registers.SOURCE);
    return drop ? from + " to nobody here" : from + " to elsewhere, which the node routes";
  }

  private static String nodeToService(Flow flow) {
    if (flow.actions().getFirst() instanceof Action.GotoTable) {
      return "the client's address is kept for an endpoint of this node";
    }
    if (flow.match().get(Field.IP_PROTO).isPresent()) {
      return "the node's own connections have ports of their own";
    }
    return side(flow, Registers.DESTINATION).equals("gateway")
        ? "to a service that a node serves, back to the host"
        : source(flow).map(_ -> "the node to a service").orElse("others to a service");
  }

  /** The value of the register that the flow matches. */
  private static String side(Flow flow, NamedBits register) {
    return flow.match()
        .get(register.range().field())
        .flatMap(m ->
            register.nameOf((m.value().toLong() & register.mask()) >>> register.range().from()))
        .orElse("anywhere");
  }

  private String port(Flow flow) {
    return field(flow, Field.IN_PORT);
  }

  private String field(Flow flow, Field field) {
    Optional<FieldMatch> match = flow.match().get(field);
    if (match.isEmpty()) {
      return "anyone";
    }
    return field == Field.IN_PORT
        ? words.port((int) match.get().value().toLong())
        : words.address(match.get());
  }
}
