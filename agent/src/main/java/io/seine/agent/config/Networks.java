package io.seine.agent.config;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Addresses and networks as they come from outside, where anything may be written. */
public final class Networks {
  private static final List<IpPrefix> NOT_UNICAST =
      Stream.of(
              "0.0.0.0/8",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "224.0.0.0/3",
              "::/127",
              "fe80::/10",
              "ff00::/8")
          .map(IpPrefix::parse)
          .toList();

  private Networks() {}

  /** The address, or empty if the text is no IP address. */
  public static Optional<Ip> ip(String text) {
    try {
      return Optional.of(Ip.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The address, or empty if the text is no IPv4 address in dotted form. */
  public static Optional<Ip> ipv4(String text) {
    return ip(text).filter(address -> address.family() == Family.IPV4);
  }

  /** The network, or empty if the text is no IPv4 network without host bits. */
  public static Optional<IpPrefix> prefix(String text) {
    return network(text).filter(block -> block.family() == Family.IPV4);
  }

  /** The network, or empty if the text is no IP network without host bits. */
  public static Optional<IpPrefix> network(String text) {
    try {
      return Optional.of(IpPrefix.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Those of the texts that are networks of either family. */
  public static List<IpPrefix> networks(List<String> texts) {
    return texts.stream().flatMap(text -> network(text).stream()).toList();
  }

  /** Whether one host can have the address and others reach it. */
  public static boolean isUnicast(Ip address) {
    return NOT_UNICAST.stream().noneMatch(block -> block.contains(address));
  }

  public static boolean overlap(IpPrefix a, IpPrefix b) {
    return a.overlaps(b);
  }
}
