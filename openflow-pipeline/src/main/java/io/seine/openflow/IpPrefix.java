package io.seine.openflow;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * A block of addresses in CIDR form. Sorts by its first address, the larger block first.
 *
 * @param network its first address; no bit behind {@code length} is set
 * @param length 0 to 32, or to 128 for IPv6
 */
public record IpPrefix(Ip network, int length) implements Comparable<IpPrefix> {
  public IpPrefix {
    int most = network.family().bits();
    if (length < 0 || length > most) {
      throw new IllegalArgumentException(
          "an %s prefix has a length of 0 to %d, not %d"
              .formatted(network.family() == Family.IPV4 ? "IPv4" : "IPv6", most, length));
    }
    if (!network.value().and(maskOf(network.family(), length)).equals(network.value())) {
      throw new IllegalArgumentException(
          "%s/%d has bits set behind the prefix".formatted(network, length));
    }
  }

  /**
   * Reads {@code 10.0.1.0/24} or {@code fd00:10::/64}.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static IpPrefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("'" + text + "' is not an IP prefix");
    }
    return new IpPrefix(
        Ip.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /** The block of this length that {@code address} is in. */
  public static IpPrefix around(Ip address, int length) {
    return new IpPrefix(Ip.of(address.value().and(maskOf(address.family(), length))), length);
  }

  /** The block of this one address. */
  public static IpPrefix only(Ip address) {
    return new IpPrefix(address, address.family().bits());
  }

  private static Bits maskOf(Family family, int length) {
    byte[] mask = new byte[family.bits() / 8];
    Arrays.fill(mask, 0, length / 8, (byte) 0xff);
    if (length % 8 != 0) {
      mask[length / 8] = (byte) (0xff << (8 - length % 8));
    }
    return Bits.of(mask);
  }

  public Family family() {
    return network.family();
  }

  /** The bits that all addresses of the block have in common, as ones. */
  public Bits mask() {
    return maskOf(family(), length);
  }

  public boolean contains(Ip address) {
    return address.family() == family() && address.value().and(mask()).equals(network.value());
  }

  /** Whether any address is in both. */
  public boolean overlaps(IpPrefix other) {
    return contains(other.network) || other.contains(network);
  }

  /** The last address of the block: of an IPv4 subnet, the broadcast address. */
  public Ip last() {
    byte[] bytes = network.value().toByteArray();
    byte[] mask = mask().toByteArray();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] |= (byte) ~mask[i];
    }
    return Ip.of(Bits.of(bytes));
  }

  /**
   * How many addresses lie between the block's first and this one.
   *
   * @throws IllegalArgumentException if the address is not in the block, or further than a long
   */
  public long offsetOf(Ip address) {
    if (!contains(address)) {
      throw new IllegalArgumentException(address + " is not in " + this);
    }
    return new BigInteger(1, address.value().toByteArray())
        .subtract(new BigInteger(1, network.value().toByteArray()))
        .longValueExact();
  }

  /** How many addresses the block has. */
  public BigInteger size() {
    return BigInteger.ONE.shiftLeft(family().bits() - length);
  }

  @Override
  public int compareTo(IpPrefix other) {
    int byNetwork = network.compareTo(other.network);
    return byNetwork != 0 ? byNetwork : Integer.compare(length, other.length);
  }

  @Override
  public String toString() {
    return network + "/" + length;
  }
}
