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
    PolicyOptions options,
    Status status) {
  public ClusterPolicyInfo {
    ingressRules = List.copyOf(ingressRules);
    egressRules = List.copyOf(egressRules);
  }

  /** One that nothing has been said of. */
  public ClusterPolicyInfo(
      ObjectRef ref,
      String tier,
      int priority,
      Optional<Peer.Pods> subject,
      List<Rule> ingressRules,
      List<Rule> egressRules,
      PolicyOptions options) {
    this(ref, tier, priority, subject, ingressRules, egressRules, options, Status.NONE);
  }

  /**
   * What has been said of the object, which is no part of what it asks for.
   *
   * @param generation of the object's spec; 0 if not known
   * @param accepted the condition of type {@link #ACCEPTED}
   */
  public record Status(long generation, Optional<Condition> accepted) {
    public static final Status NONE = new Status(0, Optional.empty());
  }

  /** The type of the condition that says whether the policy is served. */
  public static final String ACCEPTED = "Accepted";

  /** The same policy with this status. */
  public ClusterPolicyInfo withStatus(Status other) {
    return other.equals(status)
        ? this
        : new ClusterPolicyInfo(
            ref, tier, priority, subject, ingressRules, egressRules, options, other);
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
