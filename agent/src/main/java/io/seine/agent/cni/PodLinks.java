package io.seine.agent.cni;

import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.Route;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The veth pairs between the switch and the pods. Thread safe; calls block for a moment. */
public interface PodLinks {
  /**
   * An address of the pod's end.
   *
   * @param length of the prefix: an IPv4 pod sees the node's pod CIDR as its link; an IPv6 pod sees
   *     nobody there (128) and sends everything to the gateway
   * @param gateway of the family's default route
   */
  record PodAddress(Ip ip, int length, Ip gateway) {
    public Family family() {
      return ip.family();
    }

    InterfaceAddress onInterface() {
      return new InterfaceAddress(ip, length);
    }
  }

  /**
   * How the pod's end is to be set up.
   *
   * @param addresses one of a family at most
   * @param gatewayMac the gateway's, for all families; an IPv6 pod knows it without asking
   */
  record PodSide(List<PodAddress> addresses, Mac gatewayMac) {
    public PodSide {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * What is in the pod's namespace under an interface name.
   *
   * @param routes those that leave by the device
   */
  record Found(
      Optional<Mac> mac,
      int mtu,
      boolean up,
      List<InterfaceAddress> addresses,
      List<Route> routes) {}

  /**
   * Creates the pair, the pod's end directly in its namespace and set up as {@link #configure}
   * does, the host's end up.
   *
   * @throws io.seine.agent.netlink.NetlinkException if a name is taken or the namespace is gone;
   *     nothing is left behind then
   */
  void create(PodPort port, PodSide side) throws IOException;

  /** Brings the pod's end up with its addresses, default routes and offloads; may be repeated. */
  void configure(PodPort port, PodSide side) throws IOException;

  /** The device in the namespace; empty if the namespace or the device is gone. */
  Optional<Found> inspect(String netns, String ifname) throws IOException;

  /** Whether the host's end is there. */
  boolean exists(String portName) throws IOException;

  /**
   * Removes the pair by its host's end; whether it was there. A device of that name that {@link
   * #create} did not make is left alone.
   */
  boolean delete(String portName) throws IOException;

  /** The host's ends of all pairs that were made by {@link #create}, in this or an earlier run. */
  Set<String> all() throws IOException;
}
