package io.seine.agent.cni;

import static java.util.Collections.disjoint;

import io.seine.agent.ipam.AddressPool;
import io.seine.agent.ipam.AddressPools;
import io.seine.agent.netlink.Errno;
import io.seine.agent.netlink.InterfaceAddress;
import io.seine.agent.netlink.NetlinkException;
import io.seine.agent.netlink.Route;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A node in memory that enforces the rules of the real one: OVSDB refuses a name, an address or an
 * attachment twice; the kernel refuses a device name twice and a namespace that is not there; a
 * device vanishes with its namespace. Any step can be made to fail.
 */
final class FakeNode implements PodPorts, PodLinks, PodNetwork {
  final Map<String, PodPort> rows = new HashMap<>();
  final Map<String, Integer> ofports = new HashMap<>();
  final Map<String, Map<String, Found>> namespaces = new HashMap<>();
  final Map<String, String> devices = new HashMap<>();
  final Set<LocalPod> flows = new HashSet<>();
  final List<String> events = new ArrayList<>();
  final Set<String> failing = new HashSet<>();
  Optional<Readiness.NotReady> notReady = Optional.empty();
  private int nextOfport = 3;

  CniNode node(AddressPools pools) {
    return new CniNode(
        this,
        this,
        this,
        pools,
        () -> notReady,
        (reason, message) -> events.add(reason + ": " + message),
        1450,
        Duration.ofSeconds(5));
  }

  static AddressPools pools(String... cidrs) {
    Duration rest = Duration.ofMinutes(1);
    return new AddressPools(
        Stream.of(cidrs)
            .map(IpPrefix::parse)
            .map(c -> new AddressPool(c, rest, Duration.ofSeconds(2), InstantSource.system()))
            .toList());
  }

  synchronized void namespace(String path) {
    namespaces.put(path, new HashMap<>());
  }

  synchronized void removeNamespace(String path) {
    namespaces.remove(path);
    devices.values().removeIf(path::equals);
  }

  /** Nothing of any pod is left anywhere. */
  synchronized boolean isClean() {
    return rows.isEmpty()
        && devices.isEmpty()
        && flows.isEmpty()
        && namespaces.values().stream().allMatch(Map::isEmpty);
  }

  private void step(String name) throws IOException {
    if (failing.contains(name)) {
      throw new IOException(name + " failed");
    }
  }

  @Override
  public synchronized List<PodPort> list() {
    return List.copyOf(rows.values());
  }

  @Override
  public synchronized Optional<PodPort> find(Attachment attachment) {
    return rows.values().stream().filter(p -> p.attachment().equals(attachment)).findFirst();
  }

  @Override
  public synchronized int add(PodPort port, Duration timeout) throws IOException {
    step("add");
    if (rows.containsKey(port.portName())
        || find(port.attachment()).isPresent()
        || rows.values().stream().anyMatch(p -> !disjoint(p.addresses(), port.addresses()))) {
      throw new IOException("a row of that name, attachment or address is there");
    }
    rows.put(port.portName(), port);
    step("ofport");
    if (!devices.containsKey(port.portName())) {
      throw new IOException("could not open network device " + port.portName());
    }
    ofports.put(port.portName(), nextOfport);
    return nextOfport++;
  }

  @Override
  public synchronized Optional<Integer> ofport(String portName) {
    return Optional.ofNullable(ofports.get(portName));
  }

  @Override
  public synchronized boolean remove(String portName) throws IOException {
    step("remove");
    ofports.remove(portName);
    return rows.remove(portName) != null;
  }

  @Override
  public synchronized void create(PodPort port, PodSide side) throws IOException {
    step("create");
    Map<String, Found> pod = namespaces.get(port.netns());
    if (pod == null) {
      throw new NetlinkException("open network namespace " + port.netns(), Errno.ENOENT, "");
    }
    if (devices.containsKey(port.portName()) || pod.containsKey(port.attachment().ifname())) {
      throw new NetlinkException("create veth pair", Errno.EEXIST, "");
    }
    devices.put(port.portName(), port.netns());
    pod.put(
        port.attachment().ifname(),
        new Found(
            Optional.of(port.mac()),
            port.mtu(),
            true,
            side.addresses().stream().map(PodAddress::onInterface).toList(),
            side.addresses().stream().map(FakeNode::route).toList()));
  }

  private static Route route(PodAddress address) {
    String everywhere = address.family() == Family.IPV4 ? "0.0.0.0/0" : "::/0";
    return Route.via(IpPrefix.parse(everywhere), 2, address.gateway());
  }

  @Override
  public synchronized void configure(PodPort port, PodSide side) throws IOException {
    step("configure");
    if (!namespaces.getOrDefault(port.netns(), Map.of()).containsKey(port.attachment().ifname())) {
      throw new NetlinkException("find interface", Errno.ENODEV, "");
    }
  }

  @Override
  public synchronized Optional<Found> inspect(String netns, String ifname) {
    return Optional.ofNullable(namespaces.getOrDefault(netns, Map.of()).get(ifname));
  }

  @Override
  public synchronized boolean exists(String portName) {
    return devices.containsKey(portName);
  }

  @Override
  public synchronized boolean delete(String portName) throws IOException {
    step("delete");
    String netns = devices.remove(portName);
    if (netns == null) {
      return false;
    }
    // The peer is the one interface of that namespace that the fake ever makes.
    namespaces.getOrDefault(netns, new HashMap<>()).clear();
    return true;
  }

  @Override
  public synchronized Set<String> all() {
    return Set.copyOf(devices.keySet());
  }

  @Override
  public synchronized void connected(LocalPod pod, String uid, Duration timeout)
      throws IOException {
    step("flows");
    flows.removeIf(p -> p.owner().equals(pod.owner()));
    flows.add(pod);
  }

  @Override
  public synchronized void disconnected(LocalPod pod) throws IOException {
    step("unflows");
    flows.remove(pod);
  }

  @Override
  public synchronized boolean isConnected(LocalPod pod) {
    return flows.contains(pod);
  }

  /** What an interface in a pod looks like, with one thing altered. */
  static Found with(Found found, Optional<Mac> mac, int mtu, List<InterfaceAddress> addresses) {
    return new Found(mac, mtu, found.up(), addresses, found.routes());
  }
}
