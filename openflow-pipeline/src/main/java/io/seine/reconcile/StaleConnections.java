package io.seine.reconcile;

import io.seine.openflow.CtFlush;
import io.seine.openflow.CtFlush.Peer;
import io.seine.openflow.Field;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import io.seine.pipeline.Zones;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which UDP connections must be forgotten when the flows of services change. TCP ends its
 * connections by itself; UDP has no end, so that a client that keeps sending from one port would be
 * sent to an endpoint for ever that is gone.
 *
 * <p>Pure, and no more than that: connections to endpoints that stay are left alone.
 *
 * <ul>
 *   <li>An address that is no longer served: all connections to it.
 *   <li>An endpoint that an address no longer leads to, however many groups and tables lie between:
 *       the connections to that address that it answers.
 *   <li>An address that was not served: the connections to it that nobody translated.
 * </ul>
 */
final class StaleConnections {
  private static final int UDP = Protocol.UDP.number();
  private static final int ZONE = Zones.MAIN.number();

  /** Each makes the switch look at all connections: beyond so many, one takes more than it must. */
  private static final int MOST_PAIRS = 32;

  private static final int MOST_ENDPOINTS = 64;

  private final Reach before;
  private final Reach after;
  private final Set<CtFlush> whole = new LinkedHashSet<>();
  private final Map<Peer, Set<Peer>> gone = new LinkedHashMap<>();

  private StaleConnections(FlowSet before, FlowSet after) {
    this.before = new Reach(before);
    this.after = new Reach(after);
  }

  /** Whether a set has anything that this is about. */
  static boolean concern(FlowSet set) {
    return set.flows().stream().anyMatch(StaleConnections::isFrontend);
  }

  static boolean isFrontend(Flow flow) {
    return flow.table() == Table.SERVICE_LB.number()
        && flow.match()
            .get(Field.IP_PROTO)
            .filter(m -> m.mask().isEmpty() && m.value().toLong() == UDP)
            .isPresent();
  }

  /** All connections that the flow, one of ServiceLB's for UDP, has had translated. */
  static Optional<CtFlush> of(Flow flow) {
    return isFrontend(flow) ? frontend(flow.match()).map(StaleConnections::all) : Optional.empty();
  }

  /**
   * @param before what the switch had, of the same owners, and anything else it leads to
   * @param after what it has now
   * @param additions whether an address that comes was not served before; else the switch had
   *     nothing at all before, and forwarded nothing
   */
  static List<CtFlush> between(FlowSet before, FlowSet after, boolean additions) {
    if (!concern(before) && !concern(after)) {
      return List.of();
    }
    return new StaleConnections(before, after).flushes(additions);
  }

  private List<CtFlush> flushes(boolean additions) {
    after.frontends.forEach((peer, flows) -> {
      if (!before.frontends.containsKey(peer)) {
        if (additions) {
          whole.add(CtFlush.between(ZONE, UDP, peer, peer));
        }
      } else {
        flows.forEach((key, flow) ->
            lost(peer, Optional.ofNullable(before.frontends.get(peer).get(key)), after.of(flow)));
      }
    });
    before.frontends.forEach((peer, flows) -> {
      Optional<Map<Flow.Key, Flow>> left = Optional.ofNullable(after.frontends.get(peer));
      if (left.isEmpty()) {
        whole.add(all(peer));
        return;
      }
      Set<Peer> all = new LinkedHashSet<>();
      left.get().values().forEach(flow -> all.addAll(after.of(flow)));
      flows.forEach((key, flow) -> {
        if (!left.get().containsKey(key)) {
          lost(peer, Optional.of(flow), all);
        }
      });
      // It refuses or drops now whatever comes.
      if (all.isEmpty() && gone.remove(peer) != null) {
        whole.add(all(peer));
      }
    });
    List<CtFlush> flushes = new ArrayList<>(whole);
    flushes.addAll(ofEndpoints());
    return flushes;
  }

  private void lost(Peer peer, Optional<Flow> flow, Set<Peer> left) {
    Set<Peer> endpoints = new LinkedHashSet<>(flow.map(before::of).orElse(Set.of()));
    endpoints.removeAll(left);
    if (!endpoints.isEmpty()) {
      gone.computeIfAbsent(peer, p -> new LinkedHashSet<>()).addAll(endpoints);
    }
  }

  private List<CtFlush> ofEndpoints() {
    List<CtFlush> flushes = new ArrayList<>();
    if (gone.values().stream().mapToInt(Set::size).sum() <= MOST_PAIRS) {
      gone.forEach((peer, endpoints) ->
          endpoints.forEach(e -> flushes.add(CtFlush.between(ZONE, UDP, peer, e))));
      return flushes;
    }
    Set<Peer> endpoints = new LinkedHashSet<>();
    gone.values().forEach(endpoints::addAll);
    if (endpoints.size() <= MOST_ENDPOINTS) {
      endpoints.forEach(e -> flushes.add(new CtFlush(ZONE, UDP, Optional.empty(), Optional.of(e))));
    } else {
      gone.keySet().forEach(peer -> flushes.add(all(peer)));
    }
    return flushes;
  }

  private static CtFlush all(Peer peer) {
    return CtFlush.to(ZONE, UDP, peer);
  }

  /** Where the flow's clients send to; a node port is one at any address. */
  static Optional<Peer> frontend(Match match) {
    Optional<Ip> address =
        match
            .get(Field.IPV4_DST)
            .or(() -> match.get(Field.IPV6_DST))
            .filter(m -> m.mask().isEmpty())
            .map(m -> Ip.of(m.value()));
    return match
        .get(Field.UDP_DST)
        .filter(m -> m.mask().isEmpty())
        .map(port -> new Peer(address, (int) port.value().toLong()))
        .filter(peer -> peer.port() > 0);
  }
}
