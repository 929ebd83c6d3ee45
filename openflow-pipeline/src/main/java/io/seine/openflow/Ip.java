package io.seine.openflow;

/**
 * An IP address of either family. Sorts IPv4 before IPv6, and within a family by value, unsigned.
 */
public sealed interface Ip extends Comparable<Ip> permits Ipv4, Ipv6 {
  /**
   * Reads an address as people write it: dotted decimal, or RFC 4291, section 2.2.
   *
   * @throws IllegalArgumentException if {@code text} is anything else; names are never looked up
   */
  static Ip parse(String text) {
    return text.indexOf(':') < 0 ? Ipv4.parse(text) : Ipv6.parse(text);
  }

  /**
   * The address of these bytes, in network order.
   *
   * @throws IllegalArgumentException if there are neither 4 nor 16 of them
   */
  static Ip of(Bits value) {
    return switch (value.size()) {
      case 4 -> new Ipv4((int) value.toLong());
      case 16 -> Ipv6.of(value);
      default -> throw new IllegalArgumentException("an IP address has no " + value.size() + " B");
    };
  }

  Family family();

  /** The 4 or 16 bytes, as a field of a match takes them. */
  Bits value();

  /** The address {@code distance} further on. */
  Ip plus(long distance);

  /** As a part of a URL or of an OpenFlow text: IPv6 in square brackets. */
  default String bracketed() {
    return family() == Family.IPV6 ? "[" + this + "]" : toString();
  }
}
