package io.seine.pipeline.explain;

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

  public Names() {
    places.put(Addresses.ROUTER_ADDRESS, "router");
    macPlaces.put(Addresses.ROUTER_MAC, "router");
  }

  public Names node(LocalNode node) {
    ports.put(node.tunnelPort(), "tunnel");
    ports.put(node.gatewayPort(), "gateway");
    places.put(node.gatewayAddress(), "gateway");
    places.put(node.nodeAddress(), "this node");
    macPlaces.put(node.gatewayMac(), "gateway");
    ranges.put(node.podCidr(), "pods of this node");
    node.serviceCidrs().forEach(cidr -> ranges.put(cidr, "services"));
    return this;
  }

  public Names peer(PeerNode peer) {
    addresses.put(peer.nodeAddress(), peer.owner());
    blocks.put(peer.podCidr(), peer.owner());
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
    return pod(pod.owner(), pod.address());
  }

  /** A pod of any node. */
  public Names pod(Owner pod, Ip address) {
    addresses.put(address, pod);
    return this;
  }

  public Names service(ServiceFact service) {
    service
        .ports()
        .forEach(p -> p.frontends().forEach(f -> addresses.put(f.address(), service.owner())));
    return this;
  }

  /** Says whose flows these are, which is surer than what can be read from them. */
  public Names owned(Owner owner, FlowSet set) {
    set.flows().forEach(f -> flows.putIfAbsent(Fingerprint.of(f.key()), owner));
    return this;
  }

  Optional<Owner> ownerOf(Flow flow) {
    return Optional.ofNullable(flows.get(Fingerprint.of(flow.key())));
  }

  Optional<Owner> ownerOf(Ip address) {
    return Optional.ofNullable(addresses.get(address));
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
        .map(name -> name + " (" + address + ports + ")")
        .orElseGet(() -> address + ports);
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
