package io.seine.openflow.testing;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Connection tracking as Open vSwitch does it in user space: a connection is new until a packet
 * comes back; one that is known is translated as it was at first, whatever the flow asks for.
 */
final class FakeConntrack {
  private static final int NEW = 0x01;
  private static final int ESTABLISHED = 0x02;
  private static final int REPLY = 0x08;
  private static final int TRACKED = 0x20;

  private record Tuple(long zone, long protocol, long from, long fromPort, long to, long toPort) {
    Tuple reversed() {
      return new Tuple(zone, protocol, to, toPort, from, fromPort);
    }
  }

  /** A connection, by what its packets look like before translation in each direction. */
  private static final class Connection {
    final Tuple original;
    final Tuple reply;
    boolean answered;
    long mark;
    long label;

    Connection(Tuple original, Tuple reply) {
      this.original = original;
      this.reply = reply;
    }
  }

  private final Map<Tuple, Connection> connections = new HashMap<>();
  private Optional<Connection> current = Optional.empty();

  void track(Action.Ct ct, FakePacket packet) {
    if (!(ct.zone() instanceof Action.Zone.Fixed zone)) {
      throw new AssertionError("the fake knows no zones from fields");
    }
    Tuple tuple = tuple(zone.zone(), packet);
    Optional<Connection> known = find(tuple, packet, zone.zone());
    long state = TRACKED;
    if (known.isEmpty()) {
      state |= NEW;
      if (ct.commit()) {
        known = Optional.of(create(ct, tuple));
      }
    } else {
      boolean reply = tuple.equals(known.get().reply);
      known.get().answered |= reply;
      state |= known.get().answered ? ESTABLISHED : NEW;
      state |= reply ? REPLY : 0;
    }
    if (ct.nat().isPresent()) {
      known.ifPresent(c -> translate(c, tuple, packet));
    }
    current = known;
    packet.with(Field.CT_STATE, state);
    packet.with(Field.CT_MARK, known.map(c -> c.mark).orElse(0L));
    packet.with(Field.CT_LABEL, known.map(c -> c.label).orElse(0L));
    packet.with(Field.CT_ZONE, zone.zone());
  }

  void mark(FakePacket packet) {
    current.orElseThrow().mark = packet.get(Field.CT_MARK);
    current.orElseThrow().label = packet.get(Field.CT_LABEL);
  }

  // A packet that was translated in this zone before is looked up as it was.
  private Optional<Connection> find(Tuple tuple, FakePacket packet, int zone) {
    Connection direct = connections.get(tuple);
    if (direct != null || packet.get(Field.CT_ZONE) != zone) {
      return Optional.ofNullable(direct);
    }
    return connections.values().stream()
        .filter(c -> c.original.zone == zone && c.reply.reversed().equals(tuple))
        .findFirst();
  }

  private Connection create(Action.Ct ct, Tuple tuple) {
    Tuple after = ct.nat().map(nat -> translated(nat, tuple)).orElse(tuple);
    Connection connection = new Connection(tuple, after.reversed());
    connections.put(connection.original, connection);
    if (connections.putIfAbsent(connection.reply, connection) != null) {
      throw new AssertionError("two connections look alike: " + tuple);
    }
    return connection;
  }

  private static Tuple translated(Action.Nat nat, Tuple t) {
    long address = nat.minAddress().map(b -> b.toLong()).orElse(0L);
    return switch (nat.kind()) {
      case APPLY -> t;
      case SRC -> {
        long low = nat.minPort().orElse(0);
        long high = nat.maxPort().orElse(65535);
        long port =
            t.fromPort >= low && t.fromPort <= high
                ? t.fromPort
                : low + Math.floorMod(t.fromPort, high - low + 1);
        yield new Tuple(t.zone, t.protocol, address, port, t.to, t.toPort);
      }
      case DST ->
          new Tuple(
              t.zone,
              t.protocol,
              t.from,
              t.fromPort,
              address,
              nat.minPort().orElse((int) t.toPort));
    };
  }

  private static void translate(Connection c, Tuple seen, FakePacket packet) {
    Tuple target = seen.equals(c.reply) ? c.original.reversed() : c.reply.reversed();
    packet.with(Field.IPV4_SRC, target.from);
    packet.with(Field.IPV4_DST, target.to);
    packet.with(packet.sourcePort(), target.fromPort);
    packet.with(packet.targetPort(), target.toPort);
  }

  private static Tuple tuple(long zone, FakePacket packet) {
    return new Tuple(
        zone,
        packet.get(Field.IP_PROTO),
        packet.get(Field.IPV4_SRC),
        packet.get(packet.sourcePort()),
        packet.get(Field.IPV4_DST),
        packet.get(packet.targetPort()));
  }
}
