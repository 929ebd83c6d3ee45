package io.seine.pipeline.explain;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.Locale;
import java.util.Optional;

/**
 * A packet to ask the switch about. It has 64 hops to live.
 *
 * @param inPort number of the port it comes in by
 * @param tunnel when it comes by the tunnel
 * @param slot which of the endpoints of a service it gets where the switch goes by a hash that it
 *     cannot know beforehand ({@code dp_hash}): 1 to 65535, others get another. Where it goes by a
 *     hash of the packet, other source ports get other endpoints.
 */
public record TracedPacket(
    int inPort,
    Mac source,
    Mac target,
    Ip from,
    Ip to,
    Payload payload,
    Optional<Tunnel> tunnel,
    int slot) {
  private static final int HOPS = 64;

  public TracedPacket {
    if (from.family() != to.family()) {
      throw new IllegalArgumentException("no packet goes from " + from + " to " + to);
    }
  }

  /** A packet that comes from a pod, or from the node. */
  public TracedPacket(int inPort, Mac source, Mac target, Ip from, Ip to, Payload payload) {
    this(inPort, source, target, from, to, payload, Optional.empty(), 1);
  }

  /** The same packet as it comes by the tunnel. */
  public TracedPacket by(int tunnelPort, Tunnel ends) {
    return new TracedPacket(tunnelPort, source, target, from, to, payload, Optional.of(ends), slot);
  }

  /** The same packet for another endpoint. */
  public TracedPacket withSlot(int other) {
    return new TracedPacket(inPort, source, target, from, to, payload, tunnel, other);
  }

  /** The ends of the tunnel that it came by. */
  public record Tunnel(Ip from, Ip to) {}

  /** What it carries. */
  public sealed interface Payload {}

  /** The first packet of a connection: of TCP a SYN. */
  public record Ports(Protocol protocol, int from, int to) implements Payload {}

  /** An echo request. */
  public record Ping() implements Payload {}

  /**
   * Another protocol over IP.
   *
   * @param number 0 to 255
   */
  public record Other(int number) implements Payload {}

  /** As {@code ovs-ofctl} writes flows. */
  public String text() {
    boolean v4 = from.family() == Family.IPV4;
    StringBuilder text = new StringBuilder("in_port=" + inPort);
    text.append(",dl_src=").append(source).append(",dl_dst=").append(target);
    tunnel.ifPresent(ends ->
        text.append(
            ends.from().family() == Family.IPV4
                ? ",tun_src=%s,tun_dst=%s".formatted(ends.from(), ends.to())
                : ",tun_ipv6_src=%s,tun_ipv6_dst=%s".formatted(ends.from(), ends.to())));
    text.append(",dp_hash=").append(slot).append(',').append(protocol(v4));
    text.append((v4 ? ",nw_src=%s,nw_dst=%s" : ",ipv6_src=%s,ipv6_dst=%s").formatted(from, to));
    return text.append(",nw_ttl=").append(HOPS).append(numbers(v4)).toString();
  }

  private String protocol(boolean v4) {
    return switch (payload) {
      case Ports ports -> ports.protocol().name().toLowerCase(Locale.ROOT) + (v4 ? "" : "6");
      case Ping _ -> v4 ? "icmp" : "icmp6";
      case Other other -> (v4 ? "ip" : "ipv6") + ",nw_proto=" + other.number();
    };
  }

  private String numbers(boolean v4) {
    return switch (payload) {
      case Ports ports ->
          ",%1$s_src=%2$d,%1$s_dst=%3$d%4$s"
              .formatted(
                  ports.protocol().name().toLowerCase(Locale.ROOT),
                  ports.from(),
                  ports.to(),
                  ports.protocol() == Protocol.TCP ? ",tcp_flags=syn" : "");
      case Ping _ -> v4 ? ",icmp_type=8,icmp_code=0" : ",icmpv6_type=128,icmpv6_code=0";
      case Other _ -> "";
    };
  }
}
