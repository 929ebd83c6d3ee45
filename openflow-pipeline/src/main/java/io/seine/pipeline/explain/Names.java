package io.seine.pipeline.explain;

import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Mac;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Frontend;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of who is who: owners of flows, addresses, address blocks and ports. All of it may
 * be missing; then numbers stay numbers. Filled first, then read; not for several threads at once.
 */
public final class Names {
  private final Map<Long, Owner> flows = new HashMap<>();
  private final Map<Ip, Owner> addresses = new HashMap<>();
  private final Map<IpPrefix, Owner> blocks = new HashMap<>();
  private final Map<Mac, Owner> macs = new HashMap<>();
  private final Map<Ip, String> places = new HashMap<>();
  private final Map<IpPrefix, String> ranges = new HashMap<>();
  private final Map<Mac, String> macPlaces = new HashMap<>();
  private final Map<Integer, Owner> pods = new HashMap<>();
  private final Map<Integer, String> ports = new HashMap<>();
  private final Map<Integer, Owner> groups = new HashMap<>();
  private final Map<Ip, Owner> external = new HashMap<>();
  private final Map<Ip, Ip> standIns = new HashMap<>();
  private final Map<Place, Frontend> frontends = new HashMap<>();

  private PolicyNames policies = PolicyNames.NONE;

  private record Place(Ip address, int port) {}

  public Names() {
    for (Family family : Family.values()) {
      places.put(Addresses.router(family), "router");
      places.put(Addresses.nodePort(family), "node ports");
    }
    macPlaces.put(Addresses.ROUTER_MAC, "router");
  }

  public Names node(LocalNode node) {
    ports.put(node.tunnelPort(), "tunnel");
    ports.put(node.gatewayPort(), "gateway");
    node.addresses().forEach(address -> places.put(address, "this node"));
    places.put(node.nodeAddress(), "this node");
    node.networks().forEach(network -> places.put(network.gateway(), "gateway"));
    macPlaces.put(node.gatewayMac(), "gateway");
    node.networks().forEach(network -> ranges.put(network.podCidr(), "pods of this node"));
    node.serviceCidrs().forEach(cidr -> ranges.put(cidr, "services"));
    return this;
  }

  public Names peer(PeerNode peer) {
    addresses.put(peer.nodeAddress(), peer.owner());
    peer.podCidrs().forEach(cidr -> blocks.put(cidr, peer.owner()));
    return this;
  }

  /** A port that nothing better is known of, by the name it has in the switch. */
  public Names port(int ofport, String name) {
    ports.putIfAbsent(ofport, name);
    return this;
  }

  public Names pod(LocalPod pod) {
    pods.put(pod.ofport(), pod.owner());
    macs.put(pod.mac(), pod.owner());
    pod.addresses().forEach(address -> pod(pod.owner(), address));
    return this;
  }

  /** A pod of any node. */
  public Names pod(Owner pod, Ip address) {
    addresses.put(address, pod);
    return this;
  }

  public Names service(ServiceFact service) {
    service.ports().stream()
        .flatMap(port -> port.frontends().stream())
        .forEach(frontend -> frontend(service.owner(), frontend));
    return this;
  }

  /** What the numbers of policies mean. */
  public Names policies(PolicyNames known) {
    policies = known;
    return this;
  }

  PolicyNames policies() {
    return policies;
  }

  private void frontend(Owner service, Frontend frontend) {
    switch (frontend.kind()) {
      case CLUSTER_IP -> addresses.put(frontend.address(), service);
      case EXTERNAL_IP, LOAD_BALANCER -> external.putIfAbsent(frontend.address(), service);
      case NODE_PORT -> {}
    }
    frontends.putIfAbsent(new Place(frontend.address(), frontend.port()), frontend);
    frontend
        .standIn()
        .ifPresent(standIn -> {
          standIns.put(standIn, frontend.address());
          frontends.putIfAbsent(new Place(standIn, frontend.port()), frontend);
        });
  }

  /** What is reached at an address, or at the stand-in of one. */
  Optional<Frontend> frontend(Ip address, int port) {
    return Optional.ofNullable(frontends.get(new Place(address, port)));
  }

  /** Says whose flows these are, which is surer than what can be read from them. */
  public Names owned(Owner owner, FlowSet set) {
    set.flows().forEach(f -> flows.putIfAbsent(Fingerprint.of(f.key()), owner));
    set.groups().forEach(g -> groups.putIfAbsent(g.id(), owner));
    return this;
  }

  Optional<Owner> ownerOf(Flow flow) {
    return Optional.ofNullable(flows.get(Fingerprint.of(flow.key())));
  }

  Optional<Owner> ownerOfGroup(int id) {
    return Optional.ofNullable(groups.get(id));
  }

  /** An address of the node's own that a service has too is the node's. */
  Optional<Owner> ownerOf(Ip address) {
    Optional<Owner> owner = Optional.ofNullable(addresses.get(address));
    return owner.isPresent() || places.containsKey(address)
        ? owner
        : Optional.ofNullable(external.get(standIns.getOrDefault(address, address)));
  }

  Optional<Owner> ownerOf(Mac mac) {
    return Optional.ofNullable(macs.get(mac));
  }

  Optional<Owner> ownerOf(IpPrefix block) {
    return Optional.ofNullable(blocks.get(block));
  }

  Optional<Owner> ownerOfPort(int ofport) {
    return Optional.ofNullable(pods.get(ofport));
  }

  /** {@code pod/web/a (10.0.1.2)}, or only the address. */
  String of(Ip address) {
    return of(address, "");
  }

  /** The same with a port, or a range of them, behind the address. */
  String of(Ip address, String ports) {
    return ownerOf(address)
        .map(Owner::toString)
        .or(() -> Optional.ofNullable(places.get(address)))
        .map(
            name -> "%s (%s%s%s)".formatted(name, standsFor(address), shown(address, ports), ports))
        .orElseGet(() -> shown(address, ports) + ports);
  }

  private String standsFor(Ip address) {
    Ip of = standIns.get(address);
    return of == null ? "" : of + " as ";
  }

  private static String shown(Ip address, String ports) {
    return ports.isEmpty() ? address.toString() : address.bracketed();
  }

  String of(IpPrefix block) {
    return ownerOf(block)
        .map(owner -> "pods of " + owner)
        .or(() -> Optional.ofNullable(ranges.get(block)))
        .map(name -> name + " (" + block + ")")
        .orElseGet(block::toString);
  }

  /** {@code pod/web/a}, or the MAC; the number adds nothing to the name. */
  String of(Mac mac) {
    return ownerOf(mac)
        .map(Owner::toString)
        .or(() -> Optional.ofNullable(macPlaces.get(mac)))
        .orElseGet(mac::toString);
  }

  String ofPort(int ofport) {
    return ownerOfPort(ofport)
        .map(Owner::toString)
        .or(() -> Optional.ofNullable(ports.get(ofport)))
        .orElseGet(() -> "port " + ofport);
  }
}
