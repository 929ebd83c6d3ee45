package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What the flows of services are for: {@code service/web/front at 203.0.113.7:80/tcp, from outside,
 * only from 10.0.0.0/8 → 3 endpoints}.
 */
final class ServiceWords {
  private final Names names;
  private final Words words;

  ServiceWords(Names names, Words words) {
    this.names = names;
    this.words = words;
  }

  /** Of ServiceLB. */
  String frontend(Flow flow, String who) {
    return who + where(flow) + whence(flow) + " → " + target(flow);
  }

  private String where(Flow flow) {
    String port =
        port(flow).map(m -> "%d/%s".formatted(m.value().toLong(), protocol(m.field()))).orElse("");
    Optional<Ip> address = destination(flow);
    if (address.isEmpty()) {
      return " at node port " + port;
    }
    Optional<Frontend> frontend = frontend(flow);
    if (frontend.isEmpty() || frontend.get().kind() == Kind.CLUSTER_IP) {
      return ":" + port;
    }
    boolean standIn = !frontend.get().address().equals(address.get());
    return " at %s:%s%s"
        .formatted(
            frontend.get().address().bracketed(), port, standIn ? " by way of the host" : "");
  }

  private static String whence(Flow flow) {
    String side =
        bit(flow, Registers.OUTSIDE)
            .map(outside -> outside ? ", from outside" : ", from inside")
            .orElse("");
    return Stream.of(Field.IPV4_SRC, Field.IPV6_SRC)
        .flatMap(field -> flow.match().get(field).stream())
        .findFirst()
        .map(match -> side + ", only from " + Words.prefix(match))
        .orElse(side);
  }

  private String target(Flow flow) {
    OptionalInt group = GroupIds.usedBy(flow.actions());
    if (group.isPresent()) {
      boolean kept = flow.actions().stream().anyMatch(Action.SetField.class::isInstance);
      return words.endpointsOf(group.getAsInt()) + (kept ? ", each client keeps its own" : "");
    }
    if (!flow.actions().isEmpty()) {
      return "no endpoint, refused";
    }
    return frontend(flow).filter(f -> !f.sources().isEmpty()).isPresent()
            && bit(flow, Registers.OUTSIDE).isEmpty()
        ? "others, dropped"
        : "no endpoint on this node, dropped";
  }

  /** Of EndpointDnat. */
  String dnat(Flow flow, String who) {
    return endpoint(flow.match().get(Registers.ENDPOINT.range().field()))
        .map(endpoint -> "to %s of %s, and remember the client".formatted(endpoint, who))
        .orElseGet(() -> "clients that %s does not know → %s".formatted(who, target(flow)));
  }

  /** Of Affinity, learnt. */
  String client(Flow flow, String who) {
    String client =
        Stream.of(Field.IPV4_SRC, Field.IPV6_SRC)
            .flatMap(field -> flow.match().get(field).stream())
            .findFirst()
            .map(words::address)
            .orElse("a client");
    Optional<FieldMatch> bucket =
        flow.actions().stream()
            .filter(Action.SetField.class::isInstance)
            .map(Action.SetField.class::cast)
            .map(set -> new FieldMatch(set.field(), set.value(), set.mask()))
            .findFirst();
    return "%s keeps %s of %s".formatted(client, endpoint(bucket).orElse("an endpoint"), who);
  }

  private Optional<String> endpoint(Optional<FieldMatch> bucket) {
    return bucket.map(
        match -> words.endpoint((int) match.value().toLong()).orElse("an endpoint that is gone"));
  }

  private Optional<Frontend> frontend(Flow flow) {
    return destination(flow)
        .flatMap(ip -> port(flow).flatMap(m -> names.frontend(ip, (int) m.value().toLong())));
  }

  private static Optional<Ip> destination(Flow flow) {
    return Stream.of(Field.IPV4_DST, Field.IPV6_DST)
        .flatMap(field -> flow.match().get(field).stream())
        .findFirst()
        .map(match -> Ip.of(match.value()));
  }

  private static Optional<FieldMatch> port(Flow flow) {
    return Stream.of(Field.TCP_DST, Field.UDP_DST, Field.SCTP_DST)
        .flatMap(field -> flow.match().get(field).stream())
        .findFirst();
  }

  private static String protocol(FieldId port) {
    return List.of(ServiceFact.Protocol.values()).stream()
        .map(protocol -> protocol.name().toLowerCase(Locale.ROOT))
        .filter(port.ovsName()::startsWith)
        .findFirst()
        .orElse("");
  }

  private static Optional<Boolean> bit(Flow flow, NamedBits bit) {
    return flow.match()
        .get(bit.range().field())
        .filter(m -> m.mask().map(mask -> (mask.toLong() & bit.mask()) != 0).orElse(true))
        .map(m -> (m.value().toLong() & bit.mask()) != 0);
  }
}
