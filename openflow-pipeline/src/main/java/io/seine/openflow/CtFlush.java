package io.seine.openflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which connections a switch is to forget: those of the zone and the protocol that were first sent
 * to {@code destination} and are answered by {@code replySource}, each as far as it is given.
 *
 * @param zone of connection tracking, 0 to 65535
 * @param protocol the number in the IP header, 1 to 255
 * @param destination where the first packet went before any translation
 * @param replySource who answers: for a translated connection the endpoint that was chosen
 */
public record CtFlush(
    int zone, int protocol, Optional<Peer> destination, Optional<Peer> replySource) {
  public CtFlush {
    if (zone < 0 || zone > 0xffff || protocol < 1 || protocol > 0xff) {
      throw new IllegalArgumentException("zone " + zone + ", protocol " + protocol);
    }
    // The switch takes no address, port or tuple for "all", of whatever protocol.
    if (destination.isEmpty() && replySource.isEmpty()) {
      throw new IllegalArgumentException("every connection of zone " + zone);
    }
  }

  /** All connections to {@code destination}, whoever answers. */
  public static CtFlush to(int zone, int protocol, Peer destination) {
    return new CtFlush(zone, protocol, Optional.of(destination), Optional.empty());
  }

  /** The connections to {@code destination} that {@code replySource} answers. */
  public static CtFlush between(int zone, int protocol, Peer destination, Peer replySource) {
    return new CtFlush(zone, protocol, Optional.of(destination), Optional.of(replySource));
  }

  /**
   * One end of a connection.
   *
   * @param address empty for any of both families
   * @param port 1 to 65535
   */
  public record Peer(Optional<Ip> address, int port) {
    public Peer {
      if (port < 1 || port > 0xffff) {
        throw new IllegalArgumentException("port " + port);
      }
    }

    public static Peer of(Ip address, int port) {
      return new Peer(Optional.of(address), port);
    }

    public static Peer anyAt(int port) {
      return new Peer(Optional.empty(), port);
    }

    /** {@code 10.0.0.1:53}, {@code [fd00::1]:53} or {@code *:53}. */
    @Override
    public String toString() {
      return address.map(Ip::bracketed).orElse("*") + ":" + port;
    }
  }

  /** {@code protocol 17 to 10.96.0.10:53 answered by 10.0.1.5:5353, zone 65520}. */
  @Override
  public String toString() {
    List<String> words = new ArrayList<>(List.of("protocol " + protocol));
    destination.ifPresent(peer -> words.add("to " + peer));
    replySource.ifPresent(peer -> words.add("answered by " + peer));
    return String.join(" ", words) + ", zone " + zone;
  }
}
