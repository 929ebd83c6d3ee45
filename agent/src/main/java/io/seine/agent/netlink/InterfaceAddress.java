package io.seine.agent.netlink;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;

/**
 * An address of a device with the length of its subnet's prefix, as {@code 10.10.1.2/24}.
 *
 * @param length 0 to 32
 */
public record InterfaceAddress(Ipv4 address, int length) {
  public InterfaceAddress {
    if (length < 0 || length > 32) {
      throw new IllegalArgumentException("prefix length " + length + " is not in 0..32");
    }
  }

  /**
   * Reads {@code 10.10.1.2/24}.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static InterfaceAddress parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,2}")) {
      throw new IllegalArgumentException("'" + text + "' is not an address with a prefix length");
    }
    return new InterfaceAddress(
        Ipv4.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /** The subnet the address is in. */
  public Ipv4Prefix network() {
    int mask = length == 0 ? 0 : -1 << (32 - length);
    return new Ipv4Prefix(new Ipv4(address.bits() & mask), length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
