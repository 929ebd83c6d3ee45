package io.seine.sandbox;

import io.seine.sandbox.node.Cidr;

/**
 * What is asked.
 *
 * @param address where
 * @param port where
 * @param udp by a datagram, not by a TCP connection
 */
record Target(String address, int port, boolean udp) {
  static Target tcp(String address, int port) {
    return new Target(address, port, false);
  }

  static Target udp(String address, int port) {
    return new Target(address, port, true);
  }

  @Override
  public String toString() {
    return "%s://%s:%d"
        .formatted(udp ? "udp" : "tcp", Cidr.isV6(address) ? "[" + address + "]" : address, port);
  }
}
