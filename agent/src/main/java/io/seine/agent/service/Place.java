package io.seine.agent.service;

import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.Comparator;

/**
 * Where connections to a service come in, whichever service has it. Sorts by address, so that all
 * places of a network lie together.
 *
 * @param address for a node port {@link Addresses#nodePort}
 * @param port 1 to 65535
 */
record Place(Ip address, Protocol protocol, int port) implements Comparable<Place> {
  private static final Comparator<Place> ORDER =
      Comparator.comparing(Place::address)
          .thenComparing(Place::protocol)
          .thenComparingInt(Place::port);

  /** What sorts before all places of the address: TCP is the first protocol. */
  static Place firstOf(Ip address) {
    return new Place(address, Protocol.TCP, 0);
  }

  /** The same port as a node port. */
  Place onNodes() {
    return new Place(Addresses.nodePort(address.family()), protocol, port);
  }

  @Override
  public int compareTo(Place other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return address.bracketed() + ":" + port + "/" + protocol;
  }
}
