package io.seine.agent.kube;

import java.util.List;
import java.util.Optional;

/**
 * What the agent keeps of a ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2). Nothing is
 * validated here.
 *
 * @param tier Admin or Baseline, if the object is valid
 * @param priority 0 to 1000, if it is; -1 if the object says none
 * @param subject empty if the object says none that is known, or several
 */
public record ClusterPolicyInfo(
    ObjectRef ref,
    String tier,
    int priority,
    Optional<Peer.Pods> subject,
    List<Rule> ingressRules,
    List<Rule> egressRules,
    PolicyOptions options) {
  public ClusterPolicyInfo {
    ingressRules = List.copyOf(ingressRules);
    egressRules = List.copyOf(egressRules);
  }

  public String name() {
    return ref.key().name();
  }

  /**
   * @param name may be empty
   * @param action Accept, Deny or Pass, if the object is valid
   * @param peers none: nobody; the API demands at least one
   * @param protocols empty: anything, ICMP too
   */
  public record Rule(
      String name, String action, List<Peer> peers, Optional<List<Protocol>> protocols) {
    public Rule {
      peers = List.copyOf(peers);
      protocols = protocols.map(List::copyOf);
    }
  }

  /** Who is at the other end. */
  public sealed interface Peer {
    /** Pods by label; {@code namespaces} peers are those with {@link Selector#ALL} for pods. */
    record Pods(Selector namespaces, Selector pods) implements Peer {}

    record Nodes(Selector nodes) implements Peer {}

    record Networks(List<String> cidrs) implements Peer {
      public Networks {
        cidrs = List.copyOf(cidrs);
      }
    }

    record DomainNames(List<String> names) implements Peer {
      public DomainNames {
        names = List.copyOf(names);
      }
    }

    /** No field is set that this version knows, or several are: the rule fails closed. */
    record Unknown() implements Peer {}
  }

  /** What a rule says of the transport. */
  public sealed interface Protocol {
    /**
     * @param protocol TCP, UDP or SCTP
     * @param ports empty: all; -1 to -1, or past 65535, in an object that is not valid
     */
    record Transport(String protocol, Optional<Range> ports) implements Protocol {}

    /** A container's port by name, of whatever protocol. */
    record NamedPort(String name) implements Protocol {}

    /** No field is set that this version knows, or several are. */
    record Unknown() implements Protocol {}
  }

  /** Both included. */
  public record Range(int first, int last) {}
}
