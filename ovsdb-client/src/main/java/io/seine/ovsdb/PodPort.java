package io.seine.ovsdb;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod's port on the bridge, which is also the lease of its addresses: written and removed with
 * the port, in the port row's {@code external_ids}.
 *
 * @param name of the port and of the host's end of the veth pair, at most 15 bytes
 * @param containerId of the sandbox, as the runtime gave it
 * @param ifname of the interface inside the pod
 * @param podUid the API's UID, or "" when the runtime did not pass it
 * @param mac of the pod's interface, lower-case with colons
 * @param addresses of the pod, one or two; the first is the primary one
 * @param netns the path of the pod's network namespace, or ""
 * @param network the name of the CNI network that the port belongs to, or ""
 * @param mtu of the pod's interface, bytes; 0 when it was not written
 */
public record PodPort(
    String name,
    String containerId,
    String ifname,
    String podNamespace,
    String podName,
    String podUid,
    String mac,
    List<InetAddress> addresses,
    String netns,
    String network,
    int mtu) {
  static final String CONTAINER = "seine-container-id";
  static final String IFNAME = "seine-ifname";
  static final String NAMESPACE = "seine-pod-namespace";
  static final String POD = "seine-pod-name";
  static final String UID = "seine-pod-uid";
  static final String MAC = "seine-mac";
  static final String ADDRESS = "seine-address";
  static final String SECOND_ADDRESS = "seine-address-2";
  static final String NETNS = "seine-netns";
  static final String NETWORK = "seine-network";
  static final String MTU = "seine-mtu";

  /** Longest name of a Linux interface (IFNAMSIZ - 1). */
  static final int MAX_NAME = 15;

  public PodPort {
    addresses = List.copyOf(addresses);
    if (addresses.isEmpty() || addresses.size() > 2) {
      throw new IllegalArgumentException("port " + name + " needs one or two addresses");
    }
    if (name.isEmpty() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "port name \"" + name + "\" is not of 1 to " + MAX_NAME + " characters");
    }
    if (containerId.isEmpty() || ifname.isEmpty()) {
      throw new IllegalArgumentException(
          "port " + name + " needs a container id and an interface name");
    }
    if (!mac.matches("([0-9a-f]{2}:){5}[0-9a-f]{2}")) {
      throw new IllegalArgumentException(
          "port " + name + ": not a MAC address in lower case with colons: " + mac);
    }
  }

  /** A port of no named network, and with an MTU that is not written down. */
  public PodPort(
      String name,
      String containerId,
      String ifname,
      String podNamespace,
      String podName,
      String podUid,
      String mac,
      InetAddress address,
      String netns) {
    this(
        name,
        containerId,
        ifname,
        podNamespace,
        podName,
        podUid,
        mac,
        List.of(address),
        netns,
        "",
        0);
  }

  /** The port row's {@code external_ids}. */
  public Map<String, String> externalIds() {
    Map<String, String> ids = new LinkedHashMap<>();
    ids.put(CONTAINER, containerId);
    ids.put(IFNAME, ifname);
    ids.put(NAMESPACE, podNamespace);
    ids.put(POD, podName);
    ids.put(UID, podUid);
    ids.put(MAC, mac);
    ids.put(ADDRESS, addresses.getFirst().getHostAddress());
    if (addresses.size() > 1) {
      ids.put(SECOND_ADDRESS, addresses.getLast().getHostAddress());
    }
    ids.put(NETNS, netns);
    if (!network.isEmpty()) {
      ids.put(NETWORK, network);
    }
    if (mtu > 0) {
      ids.put(MTU, Integer.toString(mtu));
    }
    return ids;
  }

  /**
   * The interface row's {@code external_ids}: what OVS tools and other controllers by convention
   * look at (ovs-vswitchd.conf.db(5), Interface, "attached-mac", "iface-id").
   */
  public Map<String, String> interfaceIds() {
    return Map.of("attached-mac", mac, "iface-id", podNamespace + "/" + podName);
  }

  private static List<InetAddress> addresses(Map<String, String> ids) {
    List<InetAddress> addresses = new ArrayList<>();
    addresses.add(InetAddress.ofLiteral(ids.getOrDefault(ADDRESS, "")));
    if (ids.containsKey(SECOND_ADDRESS)) {
      addresses.add(InetAddress.ofLiteral(ids.get(SECOND_ADDRESS)));
    }
    return addresses;
  }

  /** The primary address. */
  public InetAddress address() {
    return addresses.getFirst();
  }

  /** Whether a row is a pod's port, readable or not. */
  public static boolean isPodPort(PortRow row) {
    return row.externalIds().containsKey(CONTAINER);
  }

  /**
   * Reads a port row; empty when it is no pod's, or when someone has damaged its {@code
   * external_ids}.
   */
  public static Optional<PodPort> read(PortRow row) {
    Map<String, String> ids = row.externalIds();
    if (!isPodPort(row)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new PodPort(
              row.name(),
              ids.getOrDefault(CONTAINER, ""),
              ids.getOrDefault(IFNAME, ""),
              ids.getOrDefault(NAMESPACE, ""),
              ids.getOrDefault(POD, ""),
              ids.getOrDefault(UID, ""),
              ids.getOrDefault(MAC, ""),
              addresses(ids),
              ids.getOrDefault(NETNS, ""),
              ids.getOrDefault(NETWORK, ""),
              Integer.parseInt(ids.getOrDefault(MTU, "0"))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
