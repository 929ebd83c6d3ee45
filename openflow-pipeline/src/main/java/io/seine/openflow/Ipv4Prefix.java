package io.seine.openflow;

/**
 * A block of IPv4 addresses in CIDR form.
 *
 * @param network its first address; no bit behind {@code length} is set
 * @param length 0 to 32
 */
public record Ipv4Prefix(Ipv4 network, int length) {
  public Ipv4Prefix {
    if (length < 0 || length > 32) {
      throw new IllegalArgumentException("an IPv4 prefix has a length of 0 to 32, not " + length);
    }
    if ((network.bits() & ~maskOf(length)) != 0) {
      throw new IllegalArgumentException(
          "%s/%d has bits set behind the prefix".formatted(network, length));
    }
  }

  /**
   * Reads {@code 10.0.1.0/24}.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static Ipv4Prefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,2}")) {
      throw new IllegalArgumentException("'" + text + "' is not an IPv4 prefix");
    }
    return new Ipv4Prefix(
        Ipv4.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  private static int maskOf(int length) {
    return length == 0 ? 0 : -1 << (32 - length);
  }

  public Ipv4 mask() {
    return new Ipv4(maskOf(length));
  }

  public boolean contains(Ipv4 address) {
    return (address.bits() & maskOf(length)) == network.bits();
  }

  /** The last address of the block: the broadcast address of a subnet. */
  public Ipv4 last() {
    return new Ipv4(network.bits() | ~maskOf(length));
  }

  /** How many addresses the block has. */
  public long size() {
    return 1L << (32 - length);
  }

  @Override
  public String toString() {
    return network + "/" + length;
  }
}
