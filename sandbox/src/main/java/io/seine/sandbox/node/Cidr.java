package io.seine.sandbox.node;

/**
 * An IPv4 network.
 *
 * @param address its first address as an unsigned 32-bit number
 * @param prefix 0 to 32
 */
public record Cidr(long address, int prefix) {

  /**
   * Reads {@code a.b.c.d/n}; bits beyond the prefix are dropped.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static Cidr parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || !parts[1].matches("[0-9]{1,2}") || Integer.parseInt(parts[1]) > 32) {
      throw new IllegalArgumentException("not an IPv4 network like 10.0.0.0/16: '" + text + "'");
    }
    int prefix = Integer.parseInt(parts[1]);
    return new Cidr(parseAddress(parts[0]) & mask(prefix), prefix);
  }

  /** The number of an address in dotted form. */
  public static long parseAddress(String text) {
    String[] bytes = text.split("\\.", -1);
    if (bytes.length != 4) {
      throw new IllegalArgumentException("not an IPv4 address: '" + text + "'");
    }
    long value = 0;
    for (String part : bytes) {
      if (!part.matches("[0-9]{1,3}") || Integer.parseInt(part) > 255) {
        throw new IllegalArgumentException("not an IPv4 address: '" + text + "'");
      }
      value = value << 8 | Integer.parseInt(part);
    }
    return value;
  }

  public static String formatAddress(long value) {
    return "%d.%d.%d.%d"
        .formatted((value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
  }

  /** How many addresses it holds. */
  public long size() {
    return 1L << (32 - prefix);
  }

  public boolean contains(String text) {
    return (parseAddress(text) & mask(prefix)) == address;
  }

  /** The address so far from the first. */
  public String at(long offset) {
    return formatAddress(address + offset);
  }

  /**
   * The network of the given, longer prefix with this number.
   *
   * @throws IllegalArgumentException if it lies outside
   */
  public Cidr subnet(int longerPrefix, int number) {
    Cidr result = new Cidr(address + ((long) number << (32 - longerPrefix)), longerPrefix);
    if (longerPrefix < prefix || result.address >= address + size()) {
      throw new IllegalArgumentException(
          "%s has no room for %d networks of /%d".formatted(this, number + 1, longerPrefix));
    }
    return result;
  }

  @Override
  public String toString() {
    return formatAddress(address) + "/" + prefix;
  }

  private static long mask(int prefix) {
    return prefix == 0 ? 0 : (0xffffffffL << (32 - prefix)) & 0xffffffffL;
  }
}
