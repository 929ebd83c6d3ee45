package io.seine.agent.verdict;

import io.seine.openflow.Ip;

/**
 * A connection about to be opened, as policies see it: to where a service sends it, and from where
 * it really comes.
 *
 * @param port of the destination, 1 to 65535; 0 for {@link Transport#ICMP}
 */
public record Connection(Ip source, Ip destination, Transport transport, int port) {
  public Connection {
    if (source.family() != destination.family()) {
      throw new IllegalArgumentException(
          "no connection is from %s to %s, of another family".formatted(source, destination));
    }
  }

  /** {@code TCP 80}, {@code ICMP}. */
  public String service() {
    return transport == Transport.ICMP ? "ICMP" : transport + " " + port;
  }

  @Override
  public String toString() {
    return source + " to " + destination + ", " + service();
  }
}
