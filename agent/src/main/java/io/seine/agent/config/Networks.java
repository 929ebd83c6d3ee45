package io.seine.agent.config;

import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;
import java.util.Optional;

/** Addresses and networks as they come from outside, where anything may be written. */
public final class Networks {
  private Networks() {}

  /** The address, or empty if the text is no IPv4 address in dotted form. */
  public static Optional<Ipv4> ipv4(String text) {
    try {
      return Optional.of(Ipv4.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The network, or empty if the text is no IPv4 network without host bits. */
  public static Optional<Ipv4Prefix> prefix(String text) {
    try {
      return Optional.of(Ipv4Prefix.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Whether the text is meant as an IPv6 address or network, which this agent leaves alone. */
  public static boolean isIpv6(String text) {
    return text.indexOf(':') >= 0;
  }

  /** Whether one host can have the address and others reach it. */
  public static boolean isUnicast(Ipv4 address) {
    int first = address.bits() >>> 24;
    return first != 0 && first != 127 && first < 224 && address.bits() >>> 16 != 0xa9fe;
  }

  public static boolean overlap(Ipv4Prefix a, Ipv4Prefix b) {
    return a.contains(b.network()) || b.contains(a.network());
  }
}
