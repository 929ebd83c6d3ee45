package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Table;
import java.util.Optional;
import java.util.stream.Stream;

/** What a flow is for, in a few words. */
final class Intention {
  private Intention() {}

  static String of(Flow flow, Optional<Owner.Kind> kind, Optional<Owner> owner, Words words) {
    if (kind.isEmpty()) {
      return "not written by Seine";
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
      case ARP_GUARD -> drop ? "its own announcements need no answer" : "true requests of " + who;
      case ARP_RESPONDER -> "answer for " + field(flow, Field.ARP_TPA, words);
      case SOURCE_GUARD -> (isBase(kind) ? port(flow, words) : who) + " sends as itself";
      case UN_SNAT -> "replies to what Snat translated";
      case CONNTRACK -> "find the connection";
      case CONNTRACK_STATE -> drop ? "fits no connection" : "new connections";
      case SERVICE_LB -> service(flow, who, words);
      case ROUTING -> (drop ? "nobody there: " : "to ") + routed(flow, who, words);
      case TTL -> "a hop";
      case SNAT -> isBase(kind) ? "the node to a service" : who + " to itself by its service";
      case DELIVERY ->
          drop
              ? "never back to the gateway"
              : "deliver to " + (isBase(kind) ? words.of(flow.match()) : who);
      case COMMIT -> "record a new connection";
      case OUTPUT -> "send";
      case EGRESS_POLICY, INGRESS_POLICY -> "policy " + who;
    };
  }

  private static boolean isBase(Optional<Owner.Kind> kind) {
    return kind.equals(Optional.of(Owner.Kind.BASE));
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
            .map(a -> words.group(((Action.Group) a).groupId()))
            .findFirst()
            .orElse("no endpoint, refused");
    return who + port + " → " + target;
  }

  private static String routed(Flow flow, String who, Words words) {
    if (flow.match().get(Field.IPV4_DST).isPresent()) {
      return field(flow, Field.IPV4_DST, words);
    }
    return who.equals("base") ? "where " + words.of(flow.match()) + " goes" : who;
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
