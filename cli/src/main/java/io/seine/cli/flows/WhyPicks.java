package io.seine.cli.flows;

import io.seine.agent.verdict.Connection;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.Table;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.Tracer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Finds traces of connections to a service that lead to each of its endpoints. The switch chooses,
 * so many are asked for, until there is one of each or enough have been tried.
 */
final class WhyPicks {
  /** For each endpoint a dozen, or those of some never come in fair play. */
  private static final int TRIES_EACH = 12;

  private static final int FEWEST_TRIES = 64;

  /** A few seconds' worth. */
  private static final int MOST_TRIES = 600;

  private final WhyPackets packets;
  private final Function<String, Tracer> tracers;
  private final Map<Key, Found> known = new HashMap<>();

  private record Key(String node, Entry entry, Connection packet) {}

  WhyPicks(WhyPackets packets, Function<String, Tracer> tracers) {
    this.packets = packets;
    this.tracers = tracers;
  }

  /** What the traces of one service came to. */
  static final class Found {
    private final Map<Endpoint, Trace> traces = new HashMap<>();
    private Optional<String> stray = Optional.empty();
    private Optional<Endpoint> kept = Optional.empty();
    private int tries;

    Optional<Trace> of(Endpoint endpoint) {
      return Optional.ofNullable(traces.get(endpoint));
    }

    /** Where the switch sends what should go to an endpoint and does not; told once. */
    Optional<String> takeStray() {
      Optional<String> taken = stray;
      stray = Optional.empty();
      return taken;
    }

    /** The endpoint that session affinity has the client keep; empty if it may get any. */
    Optional<Endpoint> kept() {
      return kept;
    }

    String whyNot() {
      return kept.map(endpoint -> "session affinity keeps the client with " + endpoint)
          .orElse("it picks others in %d tries".formatted(tries));
    }
  }

  /**
   * Asks, unless it has asked before.
   *
   * @throws IOException if the switch cannot be asked
   */
  Found of(Hop hop) throws IOException {
    Key key = new Key(hop.node(), hop.entry(), hop.packet());
    Found found = known.get(key);
    if (found == null) {
      found = ask(hop, hop.pick().orElseThrow().all());
      known.put(key, found);
    }
    return found;
  }

  private Found ask(Hop hop, Set<Endpoint> all) throws IOException {
    Found found = new Found();
    int most = Math.clamp((long) TRIES_EACH * all.size(), FEWEST_TRIES, MOST_TRIES);
    while (found.tries < most && found.traces.size() < all.size()) {
      Trace trace = tracers.apply(hop.node()).trace(packets.of(hop, found.tries++));
      Optional<Endpoint> end = end(trace, hop.packet().destination().family());
      if (end.isEmpty() || !all.contains(end.get())) {
        found.stray = Optional.of(end.map(Endpoint::toString).orElse("nobody"));
        break;
      }
      var _ = found.traces.putIfAbsent(end.get(), trace);
      if (keeps(trace)) {
        found.kept = end;
        break;
      }
    }
    return found;
  }

  /** Whether a flow that was learnt from an earlier connection of the client's chose. */
  private static boolean keeps(Trace trace) {
    return trace.in(Table.AFFINITY).filter(stage -> stage.priority().orElse(0) > 0).isPresent();
  }

  /** To where the switch translates it. */
  private static Optional<Endpoint> end(Trace trace, Family family) {
    Map<String, String> left = trace.passes().getLast().left();
    String address =
        Objects.requireNonNullElse(left.get(family == Family.IPV4 ? "nw_dst" : "ipv6_dst"), "");
    String port = Objects.requireNonNullElse(left.get("tp_dst"), "");
    return address.isEmpty() || !port.matches("[1-9][0-9]*")
        ? Optional.empty()
        : Optional.of(new Endpoint(Ip.parse(address), Integer.parseInt(port)));
  }
}
