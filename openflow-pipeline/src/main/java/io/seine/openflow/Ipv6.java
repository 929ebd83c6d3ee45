package io.seine.openflow;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An IPv6 address, as its 128 bits.
 *
 * @param high the first 64
 * @param low the last 64
 */
public record Ipv6(long high, long low) implements Ip {
  /**
   * Reads RFC 4291, section 2.2; no zone, no brackets.
   *
   * @throws IllegalArgumentException if {@code text} is anything else, an IPv4 address mapped into
   *     IPv6 included; names are never looked up
   */
  public static Ipv6 parse(String text) {
    if (!text.matches("[0-9a-fA-F:.]{2,45}")) {
      throw notOne(text);
    }
    InetAddress address;
    try {
      address = Inet6Address.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(notOne(text).getMessage(), e);
    }
    if (address.getAddress().length != 16) {
      throw notOne(text);
    }
    return of(Bits.of(address.getAddress()));
  }

  private static IllegalArgumentException notOne(String text) {
    return new IllegalArgumentException("'" + text + "' is not an IPv6 address");
  }

  static Ipv6 of(Bits value) {
    byte[] bytes = value.toByteArray();
    return new Ipv6(Bits.of(bytes, 0, 8).toLong(), Bits.of(bytes, 8, 8).toLong());
  }

  @Override
  public Family family() {
    return Family.IPV6;
  }

  @Override
  public Bits value() {
    byte[] bytes = new byte[16];
    System.arraycopy(Bits.of(high, 8).toByteArray(), 0, bytes, 0, 8);
    System.arraycopy(Bits.of(low, 8).toByteArray(), 0, bytes, 8, 8);
    return Bits.of(bytes);
  }

  @Override
  public Ipv6 plus(long distance) {
    long sum = low + distance;
    boolean carry = Long.compareUnsigned(sum, low) < 0;
    return new Ipv6(high + (distance >= 0 && carry ? 1 : distance < 0 && !carry ? -1 : 0), sum);
  }

  @Override
  public int compareTo(Ip other) {
    if (!(other instanceof Ipv6 that)) {
      return 1;
    }
    int byHigh = Long.compareUnsigned(high, that.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, that.low);
  }

  /** As RFC 5952 has it: lower case, the longest run of zeros left out. */
  @Override
  public String toString() {
    return AddressText.ip(value());
  }
}
