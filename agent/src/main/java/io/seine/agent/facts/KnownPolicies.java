package io.seine.agent.facts;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.policy.PolicyEngine;
import io.seine.agent.policy.PolicySink;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.explain.PolicyNames;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Subject;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the policies come to on one node, as the node's agent finds it too. For tools that look at
 * the switch from outside. Used from one thread.
 */
public final class KnownPolicies implements PolicyNames {
  private final PolicyIndex index;
  private final Dns dns;
  private final Map<PolicyRule.Key, PolicyRule> rules = new HashMap<>();
  private final Map<PodId, Subject> subjects = new HashMap<>();
  private final Map<String, Set<Ip>> sets = new HashMap<>();
  private final Map<PolicyRef, List<Problem>> problems;
  private final Map<Owner, FlowSet> flows = new TreeMap<>();

  /** All that it is told, and the flows of it. */
  private final class Sink implements PolicySink {
    @Override
    public void put(PolicyRule rule) {
      rules.put(rule.key(), rule);
      index.put(rule);
    }

    @Override
    public void remove(PolicyRule.Key rule) {
      rules.remove(rule);
      index.remove(rule);
    }

    @Override
    public void put(Subject subject) {
      subjects.put(subject.pod(), subject);
      index.put(subject);
    }

    @Override
    public void removeSubject(PodId pod) {
      subjects.remove(pod);
      index.removeSubject(pod);
    }

    @Override
    public void members(String set, Set<Ip> added, Set<Ip> removed) {
      Set<Ip> members = sets.computeIfAbsent(set, _ -> new HashSet<>());
      members.addAll(added);
      members.removeAll(removed);
      index.members(set, added, removed);
    }

    @Override
    public void answersFor(Set<PodId> pods) {
      index.answersFor(pods);
    }

    @Override
    public void removeSet(String set) {
      sets.remove(set);
      index.removeSet(set);
    }
  }

  /**
   * What DNS has to do with them.
   *
   * @param names what the node's agent has learned
   * @param servers whose answers it believes
   */
  public record Dns(Map<String, Resolved> names, Set<IpPrefix> servers) {
    public Dns {
      names = Map.copyOf(names);
      servers = Set.copyOf(servers);
    }
  }

  private KnownPolicies(
      LocalNode node,
      boolean isolateNamespaces,
      PolicyObjects objects,
      List<LocalPod> ports,
      Dns dns) {
    this.dns = dns;
    Set<Family> families =
        node.networks().stream().map(LocalNode.Network::family).collect(Collectors.toSet());
    index = new PolicyIndex(families);
    PolicyEngine engine = new PolicyEngine(isolateNamespaces, families, new Sink());
    objects.namespaces().forEach(engine::put);
    objects.nodes().forEach(engine::put);
    Set<ObjectKey> known = new HashSet<>();
    for (PodInfo pod : objects.pods()) {
      known.add(pod.key());
      engine.put(pod);
    }
    ports.stream()
        .filter(LocalPods::isNamed)
        .map(port -> new ObjectKey(port.namespace(), port.name()))
        .filter(key -> !known.contains(key))
        .forEach(key -> engine.put(unknown(node, key)));
    objects.networkPolicies().forEach(engine::put);
    objects.clusterPolicies().forEach(engine::put);
    ports.forEach(engine::connect);
    dns.names().forEach(engine::resolve);
    index.servers(dns.servers());
    var _ = engine.flush();
    problems = Map.copyOf(engine.takeProblems());
    index.take().forEach((owner, wanted) -> wanted.ifPresent(f -> flows.put(owner, f.compile())));
  }

  /** A pod that has a port here and that the API does not have is as one without labels. */
  private static PodInfo unknown(LocalNode node, ObjectKey key) {
    return new PodInfo(
        new ObjectRef("v1", "Pod", key, ""),
        node.name(),
        List.of(),
        false,
        false,
        Map.of(),
        List.of());
  }

  /** As {@link #of(LocalNode, boolean, PolicyObjects, List, Dns)}, with no name known. */
  public static KnownPolicies of(
      LocalNode node, boolean isolateNamespaces, PolicyObjects objects, List<LocalPod> ports) {
    return of(node, isolateNamespaces, objects, ports, new Dns(Map.of(), Set.of()));
  }

  /**
   * Finds what policies come to.
   *
   * @param isolateNamespaces as the agent's option of this name has it
   * @param ports of the node's pods
   */
  public static KnownPolicies of(
      LocalNode node,
      boolean isolateNamespaces,
      PolicyObjects objects,
      List<LocalPod> ports,
      Dns dns) {
    return new KnownPolicies(node, isolateNamespaces, objects, ports, dns);
  }

  /** The addresses that connections may be opened to, by domain name. */
  public Map<String, List<Ip>> domains() {
    Map<String, List<Ip>> domains = new TreeMap<>();
    dns.names().forEach((name, now) -> domains.put(name, List.copyOf(now.current())));
    return domains;
  }

  /** What the switch should hold of them, by owner. */
  public Map<Owner, FlowSet> flows() {
    return Map.copyOf(flows);
  }

  /** The rules that concern pods of this node. */
  public List<PolicyRule> rules() {
    return List.copyOf(rules.values());
  }

  /** The rules of one policy, in their order. */
  public List<PolicyRule> rules(PolicyRef policy) {
    return rules.values().stream()
        .filter(rule -> rule.ref().policy().equals(policy))
        .sorted(Comparator.comparing(PolicyRule::ref).thenComparingInt(PolicyRule::part))
        .toList();
  }

  /** The pods of this node that policies could concern. */
  public List<Subject> subjects() {
    return List.copyOf(subjects.values());
  }

  /** The addresses in a set that rules name; none if it is not known. */
  public Set<Ip> members(String set) {
    return Set.copyOf(sets.getOrDefault(set, Set.of()));
  }

  /** The number of a rule; that of the switch unless two names have one hash. */
  public OptionalInt number(RuleRef rule) {
    return index.ruleIds().of(rule);
  }

  @Override
  public Optional<RuleRef> rule(int id) {
    return index.ruleIds().find(id);
  }

  @Override
  public Optional<PolicyRule> ruleOfConjunction(int id) {
    return index.ruleIds().ofConjunction(id).flatMap(index::rule);
  }

  @Override
  public Set<String> setsOf(Direction direction, int peerClass) {
    return index.setsOf(direction, peerClass);
  }

  @Override
  public Set<Block> blocksOf(Direction direction, int blockClass) {
    return index.blocksOf(direction, blockClass);
  }

  @Override
  public int size(String set) {
    return sets.getOrDefault(set, Set.of()).size();
  }

  /** What of a policy cannot be done, and why. */
  public List<Problem> problems(PolicyRef policy) {
    return problems.getOrDefault(policy, List.of());
  }
}
