package io.seine.reconcile;

import io.seine.openflow.Bits;
import io.seine.openflow.CtFlush;
import io.seine.openflow.CtFlush.Peer;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
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
import java.util.function.Predicate;

/**
 * Which UDP connections must be forgotten when the flows of services change. TCP ends its
 * connections by itself; UDP has no end, so that a client that keeps sending from one port would be
 * sent to an endpoint for ever that is gone.
 *
 * <p>Pure, and no more than that: connections to endpoints that stay are left alone.
 *
 * <ul>
 *   <li>An address that is no longer served: the connections to it that its endpoints answer. Not
 *       all there are, since another service may have the address before the last of them is gone.
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
  private final Map<Peer, Set<Peer>> ended = new LinkedHashMap<>();

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
   * Those that one of ServiceLB's flows has had translated to where its next owner's does not lead.
   *
   * @param key of both flows
   * @param before all that the one has that had it
   * @param after all that the other has
   */
  static List<CtFlush> takenOver(Flow.Key key, FlowSet before, FlowSet after) {
    return between(only(key, before), only(key, after), false);
  }

  /**
   * Which connections these sets have endpoints for, whoever the client is: those to an address all
   * of whose flows lead to who answers them.
   */
  static Predicate<CtFlush> served(List<FlowSet> sets) {
    List<Reach> reaches = sets.stream().filter(StaleConnections::concern).map(Reach::new).toList();
    return flush ->
        reaches.stream()
            .anyMatch(
                reach -> flush.replySource().filter(e -> served(reach, flush, e)).isPresent());
  }

  private static boolean served(Reach reach, CtFlush flush, Peer endpoint) {
    return flush
        .destination()
        .flatMap(peer -> Optional.ofNullable(reach.frontends.get(peer)))
        .filter(flows -> flows.values().stream().allMatch(f -> reach.of(f).contains(endpoint)))
        .isPresent();
  }

  private static FlowSet only(Flow.Key frontend, FlowSet set) {
    return new FlowSet(
        set.flows().stream()
            .filter(f -> f.table() != Table.SERVICE_LB.number() || f.key().equals(frontend))
            .toList(),
        set.groups());
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
    after.frontends.keySet().stream()
        .filter(peer -> additions && !before.frontends.containsKey(peer))
        .forEach(peer -> whole.add(CtFlush.between(ZONE, UDP, peer, peer)));
    before.frontends.forEach((peer, had) ->
        Optional.ofNullable(after.frontends.get(peer))
            .ifPresentOrElse(has -> changed(peer, had, has), () -> ends(peer, had)));
    List<CtFlush> flushes = new ArrayList<>(whole);
    flushes.addAll(ofEnded());
    flushes.addAll(ofEndpoints());
    return flushes;
  }

  private void ends(Peer peer, Map<Flow.Key, Flow> had) {
    Set<Peer> endpoints = new LinkedHashSet<>();
    had.values().forEach(flow -> endpoints.addAll(before.of(flow)));
    if (!endpoints.isEmpty()) {
      ended.put(peer, endpoints);
    }
  }

  private List<CtFlush> ofEnded() {
    boolean few = ended.values().stream().mapToInt(Set::size).sum() <= MOST_PAIRS;
    List<CtFlush> flushes = new ArrayList<>();
    ended.forEach((peer, endpoints) -> {
      if (few) {
        endpoints.forEach(e -> flushes.add(CtFlush.between(ZONE, UDP, peer, e)));
      } else {
        flushes.add(all(peer));
      }
    });
    return flushes;
  }

  private void changed(Peer peer, Map<Flow.Key, Flow> had, Map<Flow.Key, Flow> has) {
    Set<Peer> lost = new LinkedHashSet<>();
    for (Flow flow : had.values()) {
      for (Flow next : inPlaceOf(flow, had, has)) {
        Set<Peer> endpoints = new LinkedHashSet<>(before.of(flow));
        endpoints.removeAll(after.of(next));
        lost.addAll(endpoints);
      }
    }
    if (lost.isEmpty()) {
      return;
    }
    if (has.values().stream().allMatch(flow -> after.of(flow).isEmpty())) {
      ended.put(peer, lost); // it refuses or drops now whatever comes
    } else {
      gone.put(peer, lost);
    }
  }

  /**
   * The flows that packets meet now which met {@code flow}. An entry may be split, by where clients
   * are or by who they are, so that some of them keep an endpoint that others lose.
   */
  private static List<Flow> inPlaceOf(Flow flow, Map<Flow.Key, Flow> had, Map<Flow.Key, Flow> has) {
    List<Flow> next = new ArrayList<>();
    for (Flow candidate : has.values()) {
      if (!had.containsKey(candidate.key())
          && candidate.priority() >= flow.priority()
          && overlap(candidate.match(), flow.match())) {
        next.add(candidate);
      }
    }
    Optional<Flow> same = Optional.ofNullable(has.get(flow.key()));
    if (same.isPresent()) {
      next.add(same.get());
    } else if (next.isEmpty()) {
      // It went without another in its place: what was below it shows.
      has.values().stream()
          .filter(candidate -> overlap(candidate.match(), flow.match()))
          .forEach(next::add);
    }
    return next;
  }

  /** Whether there is a packet that both match. */
  private static boolean overlap(Match one, Match other) {
    for (FieldMatch field : one.fields()) {
      Optional<FieldMatch> same = other.get(field.field());
      if (same.isPresent() && !overlap(field, same.get())) {
        return false;
      }
    }
    return true;
  }

  private static boolean overlap(FieldMatch one, FieldMatch other) {
    Bits both = mask(one).and(mask(other));
    return one.value().and(both).equals(other.value().and(both));
  }

  private static Bits mask(FieldMatch field) {
    return field.mask().orElseGet(() -> Bits.ones(field.value().size()));
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
