package io.seine.sandbox.node;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An IPv4 or IPv6 network.
 *
 * @param address its first address as an unsigned number
 * @param prefix 0 to 32, for IPv6 to 128
 * @param v6 whether it is an IPv6 network
 */
public record Cidr(BigInteger address, int prefix, boolean v6) {

  /**
   * Reads {@code a.b.c.d/n} or {@code a:b::/n}; bits beyond the prefix are dropped.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Cidr parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || !parts[1].matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("not a network like 10.0.0.0/16: '" + text + "'");
    }
    boolean v6 = isV6(parts[0]);
    int prefix = Integer.parseInt(parts[1]);
    if (prefix > (v6 ? 128 : 32)) {
      throw new IllegalArgumentException("the prefix is too long: '" + text + "'");
    }
    BigInteger size = BigInteger.TWO.pow((v6 ? 128 : 32) - prefix);
    BigInteger value = number(parts[0]);
    return new Cidr(value.subtract(value.mod(size)), prefix, v6);
  }

  /** Whether an address or network is of IPv6, by its text. */
  public static boolean isV6(String text) {
    return text.indexOf(':') >= 0;
  }

  /** An IPv4 address in dotted form, from its number. */
  public static String formatAddress(long value) {
    return format(BigInteger.valueOf(value & 0xffffffffL), false);
  }

  /** How many addresses it holds. */
  public BigInteger size() {
    return BigInteger.TWO.pow(bits() - prefix);
  }

  /** Whether the address is of this family and in the network. */
  public boolean contains(String text) {
    if (isV6(text) != v6) {
      return false;
    }
    BigInteger offset = number(text).subtract(address);
    return offset.signum() >= 0 && offset.compareTo(size()) < 0;
  }

  /** The address so far from the first. */
  public String at(long offset) {
    return format(address.add(BigInteger.valueOf(offset)), v6);
  }

  /**
   * The network of the given, longer prefix with this number.
   *
   * @throws IllegalArgumentException if it lies outside
   */
  public Cidr subnet(int longerPrefix, int number) {
    BigInteger step = BigInteger.TWO.pow(bits() - longerPrefix);
    BigInteger first = address.add(step.multiply(BigInteger.valueOf(number)));
    if (longerPrefix < prefix || first.compareTo(address.add(size())) >= 0) {
      throw new IllegalArgumentException(
          "%s has no room for %d networks of /%d".formatted(this, number + 1, longerPrefix));
    }
    return new Cidr(first, longerPrefix, v6);
  }

  @Override
  public String toString() {
    return format(address, v6) + "/" + prefix;
  }

  private int bits() {
    return v6 ? 128 : 32;
  }

  private static BigInteger number(String text) {
    try {
      return new BigInteger(1, InetAddress.ofLiteral(text).getAddress());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not an address: '" + text + "'", e);
    }
  }

  /** Dotted, or as RFC 5952 has it: the form that Kubernetes and the kernel print. */
  private static String format(BigInteger value, boolean v6) {
    byte[] raw = value.toByteArray();
    byte[] bytes = new byte[v6 ? 16 : 4];
    int length = Math.min(raw.length, bytes.length);
    System.arraycopy(raw, raw.length - length, bytes, bytes.length - length, length);
    try {
      InetAddress address =
          v6 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
      return canonical(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("the length is right", e);
    }
  }

  /** The text of an address; for IPv6 the longest run of zeros is left out, as RFC 5952 says. */
  public static String canonical(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return address.getHostAddress();
    }
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 255) << 8 | (bytes[2 * i + 1] & 255);
    }
    int start = 8;
    int length = 1;
    for (int i = 0; i < 8; i++) {
      int end = i;
      while (end < 8 && groups[end] == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        text.append(i == 0 || text.charAt(text.length() - 1) == ':' ? "" : ":");
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
