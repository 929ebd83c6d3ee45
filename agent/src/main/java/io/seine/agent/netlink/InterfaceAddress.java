package io.seine.agent.netlink;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;

/**
 * An address of a device with the length of its subnet's prefix, as {@code 10.10.1.2/24}.
 *
 * @param length 0 to 32, or to 128 for IPv6
 */
public record InterfaceAddress(Ip address, int length) {
  public InterfaceAddress {
    int most = address.family().bits();
    if (length < 0 || length > most) {
      throw new IllegalArgumentException("prefix length " + length + " is not in 0.." + most);
    }
  }

  /**
   * Reads {@code 10.10.1.2/24}.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static InterfaceAddress parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("'" + text + "' is not an address with a prefix length");
    }
    return new InterfaceAddress(
        Ip.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /** The subnet the address is in. */
  public IpPrefix network() {
    return IpPrefix.around(address, length);
  }

  @Override
  public String toString() {
    return address + "/" + length;
  }
}
