package io.seine.agent.kube;

import java.util.List;
import java.util.Optional;

/**
 * What the agent keeps of a NetworkPolicy (networking.k8s.io/v1). Nothing is validated here.
 *
 * @param ingress and {@code egress} which of the two it is for, with the default for absent
 *     policyTypes worked out
 */
public record NetworkPolicyInfo(
    ObjectRef ref,
    Selector pods,
    boolean ingress,
    boolean egress,
    List<Rule> ingressRules,
    List<Rule> egressRules,
    PolicyOptions options) {
  public NetworkPolicyInfo {
    ingressRules = List.copyOf(ingressRules);
    egressRules = List.copyOf(egressRules);
  }

  public ObjectKey key() {
    return ref.key();
  }

  /**
   * @param peers none: anyone
   * @param ports none: all
   */
  public record Rule(List<Peer> peers, List<Port> ports) {
    public Rule {
      peers = List.copyOf(peers);
      ports = List.copyOf(ports);
    }
  }

  /** Who is at the other end. */
  public sealed interface Peer {
    /**
     * Pods by label. Of the policy's own namespace without {@code namespaces}; all pods of those
     * namespaces without {@code pods}.
     */
    record Pods(Optional<Selector> namespaces, Optional<Selector> pods) implements Peer {}

    /** Addresses. */
    record Addresses(String cidr, List<String> except) implements Peer {
      public Addresses {
        except = List.copyOf(except);
      }
    }

    /** One of which no field is known or set, or fields that exclude each other. */
    record Unclear(String why) implements Peer {}
  }

  /**
   * @param protocol TCP where the object says none
   * @param port a number or a name; empty: all of the protocol
   * @param endPort empty: {@code port} only
   */
  public record Port(String protocol, String port, Optional<Integer> endPort) {}
}
