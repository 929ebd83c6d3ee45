package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The entries of ServiceLB for one port of a service: who may reach it where, and by which policy.
 *
 * <p>An external address has an entry for pods, who see the address itself, and one for what the
 * host hands over, with its stand-in. Where those outside are served by another policy than those
 * inside, each has an entry. Where not everybody may come in, each block of sources has an entry,
 * and a lower one drops the rest.
 */
final class Frontends {
  /** A node port is looked for last: an external address of the node's own goes first. */
  private static final int NODE_PORT_PRIORITY = 190;

  private static final int PRIORITY = 200;

  /** How much higher those stand who may come in. */
  private static final int PERMITTED = 5;

  private final ServiceFact.Port port;
  private final Map<Flow.Key, Entry> entries = new LinkedHashMap<>();

  /**
   * One entry.
   *
   * @param policy empty: nobody may come in here
   */
  record Entry(Flow.Key key, Optional<Policy> policy) {
    Flow flow(List<Action> actions) {
      return new Flow(key.table(), key.priority(), key.match(), actions);
    }
  }

  private Frontends(ServiceFact.Port port) {
    this.port = port;
  }

  /** In the order of the frontends. Where two ask for the same entry, the first gets it. */
  static List<Entry> of(ServiceFact.Port port) {
    Frontends frontends = new Frontends(port);
    for (Frontend frontend : port.frontends()) {
      if (frontend.kind() == Kind.NODE_PORT) {
        frontends.sides(frontend, Optional.empty());
      } else if (frontend.standIn().isPresent()) {
        frontends.add(
            frontend, Optional.of(frontend.address()), Optional.empty(), frontend.inside());
        frontends.sides(frontend, frontend.standIn());
      } else {
        frontends.sides(frontend, Optional.of(frontend.address()));
      }
    }
    return List.copyOf(frontends.entries.values());
  }

  private void sides(Frontend frontend, Optional<Ip> address) {
    if (frontend.inside() == frontend.outside()) {
      add(frontend, address, Optional.empty(), frontend.inside());
    } else {
      add(frontend, address, Optional.of(Registers.OUTSIDE.is(0)), frontend.inside());
      add(frontend, address, Optional.of(Registers.OUTSIDE.is(1)), frontend.outside());
    }
  }

  private void add(
      Frontend frontend, Optional<Ip> address, Optional<FieldMatch> side, Policy policy) {
    int priority = address.isPresent() ? PRIORITY : NODE_PORT_PRIORITY;
    if (frontend.sources().isEmpty()) {
      put(match(priority, frontend, address, side), Optional.of(policy));
      return;
    }
    for (IpPrefix source : frontend.sources()) {
      put(match(priority + PERMITTED, frontend, address, side).source(source), Optional.of(policy));
    }
    put(match(priority, frontend, address, Optional.empty()), Optional.empty());
  }

  private Rule match(
      int priority, Frontend frontend, Optional<Ip> address, Optional<FieldMatch> side) {
    Rule rule = Rule.in(Table.SERVICE_LB, priority).ip(port.family()).protocol(port.protocol());
    address.ifPresentOrElse(rule::destination, () -> rule.when(Registers.NODE_PORT.is(1)));
    side.ifPresent(rule::when);
    return rule.when(FieldMatch.exact(destinationPort(), frontend.port()));
  }

  private void put(Rule rule, Optional<Policy> policy) {
    Flow.Key key = rule.drop().key();
    entries.putIfAbsent(key, new Entry(key, policy));
  }

  private Field destinationPort() {
    return switch (port.protocol()) {
      case TCP -> Field.TCP_DST;
      case UDP -> Field.UDP_DST;
      case SCTP -> Field.SCTP_DST;
    };
  }
}
