package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;

/** What some flows are about: each has one owner. */
sealed interface Term {
  /** What the rules of a policy decide. */
  record Verdicts(PolicyRef policy) implements Term {
    @Override
    public Owner owner() {
      return policy.owner();
    }
  }

  /** A pod as the subject of rules. */
  record Pod(PodId pod) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyPod(pod.namespace(), pod.name());
    }
  }

  /** An address in sets that rules use: which class it has. */
  record Peer(Ip address) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("peer", address.toString());
    }
  }

  /** All addresses that are in the same sets. */
  record PeerClass(Direction direction, int id) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("class", name(direction, id));
    }
  }

  /** A block: one of a rule's, without exceptions; or one that bounds a region. */
  record Block(IpPrefix cidr) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("block", cidr.toString());
    }
  }

  /** All addresses that are in the same blocks with exceptions. */
  record Region(Direction direction, int id) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("region", name(direction, id));
    }
  }

  /** Ports that one match can hold; see {@link PortMasks}. */
  record Port(PortRange piece) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("ports", piece.toString());
    }
  }

  /** Fragments of a protocol's packets: see {@link FragmentFlows}. */
  record Fragments(Protocol protocol) implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("fragments", protocol.name());
    }
  }

  /** DNS servers whose answers are read: see {@link ServerFlows}. */
  record Servers() implements Term {
    @Override
    public Owner owner() {
      return new Owner.PolicyTerm("dns", "servers");
    }
  }

  Owner owner();

  private static String name(Direction direction, int id) {
    return "%s/%08x".formatted(direction.label(), id);
  }
}
