package io.seine.cli.flows;

import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Who {@code seine why} is asked about. */
sealed interface WhyParty {
  /**
   * With addresses of its own, on this node.
   *
   * @param addresses those that are asked about: all of its, or the one that was named
   */
  record Pod(PodInfo pod, List<Ip> addresses) implements WhyParty {
    public Pod {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String name() {
      return "pod/" + pod.key();
    }

    @Override
    public String node() {
      return pod.node();
    }

    @Override
    public Optional<Ip> from(Family family) {
      return first(addresses, family);
    }

    @Override
    public Optional<Ip> to(Family family) {
      return from(family);
    }
  }

  /**
   * A node's own processes, host-network pods among them.
   *
   * @param gateways by which they come to pods
   * @param own by which they are known to others
   */
  record Node(String name, List<Ip> gateways, List<Ip> own) implements WhyParty {
    public Node {
      gateways = List.copyOf(gateways);
      own = List.copyOf(own);
    }

    /** The same node by this address of its own. */
    Node at(Ip address) {
      return new Node(name, List.of(address), List.of(address));
    }

    @Override
    public String node() {
      return name;
    }

    @Override
    public List<Ip> addresses() {
      return Stream.concat(own.stream(), gateways.stream()).distinct().toList();
    }

    @Override
    public Optional<Ip> from(Family family) {
      return first(gateways, family);
    }

    @Override
    public Optional<Ip> to(Family family) {
      return first(own, family);
    }
  }

  /** Somebody else. */
  record Outside(Ip address) implements WhyParty {
    @Override
    public String name() {
      return address.toString();
    }

    @Override
    public String node() {
      return "";
    }

    @Override
    public List<Ip> addresses() {
      return List.of(address);
    }

    @Override
    public Optional<Ip> from(Family family) {
      return first(addresses(), family);
    }

    @Override
    public Optional<Ip> to(Family family) {
      return from(family);
    }
  }

  /**
   * A service.
   *
   * @param asked the address by which it was named; empty if by its name
   */
  record Service(ServiceInfo service, Optional<Ip> asked) implements WhyParty {
    @Override
    public String name() {
      return "service/" + service.key();
    }

    @Override
    public String node() {
      return "";
    }

    @Override
    public List<Ip> addresses() {
      return asked
          .map(List::of)
          .orElseGet(() -> service.clusterIps().stream().map(Ip::parse).toList());
    }

    @Override
    public Optional<Ip> from(Family family) {
      return Optional.empty();
    }

    @Override
    public Optional<Ip> to(Family family) {
      return first(addresses(), family);
    }
  }

  String name();

  /** Where it is; empty if that is nowhere in the cluster, or in several places. */
  String node();

  List<Ip> addresses();

  /** The address by which it comes to pods and services. */
  Optional<Ip> from(Family family);

  /** The address by which others come to it. */
  Optional<Ip> to(Family family);

  private static Optional<Ip> first(List<Ip> addresses, Family family) {
    return addresses.stream().filter(ip -> ip.family() == family).findFirst();
  }

  default WhyView.End end(Ip address) {
    return new WhyView.End(name(), List.of(address), node());
  }

  default WhyView.End end() {
    return new WhyView.End(name(), addresses(), node());
  }
}
