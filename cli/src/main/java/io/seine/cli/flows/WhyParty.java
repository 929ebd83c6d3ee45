package io.seine.cli.flows;

import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import java.util.List;
import java.util.Optional;

/** Who {@code seine why} is asked about. */
sealed interface WhyParty {
  /** With addresses of its own, on this node. */
  record Pod(PodInfo pod) implements WhyParty {
    @Override
    public String name() {
      return "pod/" + pod.key();
    }

    @Override
    public String node() {
      return pod.node();
    }

    @Override
    public List<Ip> addresses() {
      return pod.addresses().stream().map(Ip::parse).toList();
    }
  }

  /**
   * A node's own processes, host-network pods among them.
   *
   * @param addresses those by which they come to pods first
   */
  record Node(String name, List<Ip> addresses) implements WhyParty {
    public Node {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String node() {
      return name;
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
  }

  /**
   * A service.
   *
   * @param addresses on which it is reached, as asked for
   */
  record Service(Owner.Service owner, List<Ip> addresses) implements WhyParty {
    public Service {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String name() {
      return owner.toString();
    }

    @Override
    public String node() {
      return "";
    }
  }

  String name();

  /** Where it is; empty if that is nowhere in the cluster, or in several places. */
  String node();

  List<Ip> addresses();

  default Optional<Ip> address(Family family) {
    return addresses().stream().filter(ip -> ip.family() == family).findFirst();
  }

  default WhyView.End end(Ip address) {
    return new WhyView.End(name(), address, node());
  }
}
