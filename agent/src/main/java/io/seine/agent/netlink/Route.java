package io.seine.agent.netlink;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A unicast route in the main table.
 *
 * @param destination {@code 0.0.0.0/0} and {@code ::/0} are the default routes
 * @param linkIndex the device it leaves by
 * @param gateway next hop; empty for a directly connected destination
 * @param source preferred source address
 * @param mtu the route's MTU in bytes
 * @param onlink whether the next hop counts as reachable on the device although no route says so
 * @param protocol who made it: a number of rtnetlink.h, 3 is "boot", 4 "static"
 * @param scope 0 is global, 253 link; always 0 for IPv6, which has no scopes of routes
 */
public record Route(
    IpPrefix destination,
    int linkIndex,
    Optional<Ip> gateway,
    Optional<Ip> source,
    OptionalInt mtu,
    boolean onlink,
    int protocol,
    int scope) {
  public static final int SCOPE_GLOBAL = 0;
  public static final int SCOPE_LINK = 253;
  public static final int PROTOCOL_BOOT = 3;
  public static final int PROTOCOL_STATIC = 4;

  /** Through {@code gateway} on a device. */
  public static Route via(IpPrefix destination, int linkIndex, Ip gateway) {
    return new Route(
        destination,
        linkIndex,
        Optional.of(gateway),
        Optional.empty(),
        OptionalInt.empty(),
        false,
        PROTOCOL_STATIC,
        SCOPE_GLOBAL);
  }

  /** Directly on a device. */
  public static Route direct(IpPrefix destination, int linkIndex) {
    return new Route(
        destination,
        linkIndex,
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty(),
        false,
        PROTOCOL_STATIC,
        destination.family() == Family.IPV4 ? SCOPE_LINK : SCOPE_GLOBAL);
  }

  public Route withSource(Ip address) {
    return new Route(
        destination, linkIndex, gateway, Optional.of(address), mtu, onlink, protocol, scope);
  }

  public Route withMtu(int bytes) {
    return new Route(
        destination, linkIndex, gateway, source, OptionalInt.of(bytes), onlink, protocol, scope);
  }

  public Route withOnlink() {
    return new Route(destination, linkIndex, gateway, source, mtu, true, protocol, scope);
  }

  public Route withProtocol(int number) {
    return new Route(destination, linkIndex, gateway, source, mtu, onlink, number, scope);
  }
}
