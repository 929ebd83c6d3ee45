package io.seine.openflow;

import java.util.regex.Pattern;

/** An IPv4 address, as its 32 bits. */
public record Ipv4(int bits) implements Ip {
  private static final Pattern DOT = Pattern.compile("\\.");

  /**
   * Reads dotted decimal.
   *
   * @throws IllegalArgumentException if {@code text} is anything else; names are never looked up
   */
  public static Ipv4 parse(String text) {
    String[] parts = DOT.split(text, -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException("'" + text + "' is not an IPv4 address");
    }
    int bits = 0;
    for (String part : parts) {
      bits = bits << 8 | octet(part, text);
    }
    return new Ipv4(bits);
  }

  private static int octet(String part, String text) {
    boolean digits = !part.isEmpty() && part.length() <= 3;
    int value = 0;
    for (int i = 0; digits && i < part.length(); i++) {
      char c = part.charAt(i);
      digits = c >= '0' && c <= '9';
      value = value * 10 + (c - '0');
    }
    if (!digits || value > 255 || (part.length() > 1 && part.charAt(0) == '0')) {
      throw new IllegalArgumentException("'" + text + "' is not an IPv4 address");
    }
    return value;
  }

  @Override
  public Family family() {
    return Family.IPV4;
  }

  @Override
  public Bits value() {
    return Bits.of(bits, 4);
  }

  @Override
  public Ipv4 plus(long distance) {
    return new Ipv4(bits + (int) distance);
  }

  @Override
  public int compareTo(Ip other) {
    return other instanceof Ipv4 that ? Integer.compareUnsigned(bits, that.bits) : -1;
  }

  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 0xff)
        + "."
        + (bits >>> 8 & 0xff)
        + "."
        + (bits & 0xff);
  }
}
