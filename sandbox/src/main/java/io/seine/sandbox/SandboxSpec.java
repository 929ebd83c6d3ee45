package io.seine.sandbox;

import io.seine.sandbox.node.Cidr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * What a sandbox shall be. Its families are those of {@code podCidrs}, the first being the primary
 * one.
 *
 * @param name lower-case letters and digits, at most 12: it becomes part of namespace names
 * @param nodes at least one
 * @param serviceCidrs where cluster IPs come from, one of each family
 * @param podCidrs the whole pod networks, one of each family, which hold the nodes' shares
 * @param kubeconfig a real API server to be used in place of the embedded one
 * @param agents whether agents are started; without them nodes are bare Open vSwitch
 * @param agentOptions settings of every agent's configuration file beyond those the sandbox writes
 * @param cniConfig the CNI network configuration list, when it is not the default; {@code %SOCKET%}
 *     in it becomes the path of the node's agent
 */
public record SandboxSpec(
    String name,
    List<NodeSpec> nodes,
    List<String> serviceCidrs,
    List<String> podCidrs,
    Optional<Path> kubeconfig,
    boolean agents,
    Map<String, Object> agentOptions,
    Optional<String> cniConfig) {
  public static final String DEFAULT_NAME = "lab";
  public static final String DEFAULT_POD_CIDR = "10.244.0.0/16";
  public static final String DEFAULT_SERVICE_CIDR = "10.96.0.0/12";
  public static final String DEFAULT_POD_CIDR_V6 = "fd00:10:244::/56";
  public static final String DEFAULT_SERVICE_CIDR_V6 = "fd00:10:96::/112";
  private static final int NODE_PREFIX = 24;
  private static final int NODE_PREFIX_V6 = 64;
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,12}");

  /** The address families of a cluster. */
  public enum Stack {
    IPV4,
    IPV6,
    /** Both, IPv4 first. */
    DUAL
  }

  public SandboxSpec {
    if (!NAME.matcher(name).matches()) {
      throw new SandboxException(
          "a sandbox's name is 1 to 12 lower-case letters and digits, not '" + name + "'");
    }
    if (nodes.isEmpty() || nodes.size() > 200) {
      throw new SandboxException("a sandbox has 1 to 200 nodes, not " + nodes.size());
    }
    if (!families(podCidrs).equals(families(serviceCidrs)) || families(podCidrs).isEmpty()) {
      throw new SandboxException(
          "pod networks %s and service networks %s are not of the same families"
              .formatted(podCidrs, serviceCidrs));
    }
    nodes = List.copyOf(nodes);
    serviceCidrs = List.copyOf(serviceCidrs);
    podCidrs = List.copyOf(podCidrs);
    agentOptions = Map.copyOf(agentOptions);
  }

  /** A sandbox of one family without anything out of the ordinary. */
  public SandboxSpec(String name, List<NodeSpec> nodes, String serviceCidr, String podCidr) {
    this(
        name,
        nodes,
        List.of(serviceCidr),
        List.of(podCidr),
        Optional.empty(),
        true,
        Map.of(),
        Optional.empty());
  }

  /** So many nodes, named node-1 and on, each with the next /24 of the default pod network. */
  public static SandboxSpec ofNodes(String name, int count) {
    return ofNodes(name, count, Stack.IPV4);
  }

  /** So many nodes on the default networks of the families. */
  public static SandboxSpec ofNodes(String name, int count, Stack stack) {
    return switch (stack) {
      case IPV4 -> ofNodes(name, count, DEFAULT_POD_CIDR, DEFAULT_SERVICE_CIDR);
      case IPV6 -> ofNodes(name, count, DEFAULT_POD_CIDR_V6, DEFAULT_SERVICE_CIDR_V6);
      case DUAL ->
          ofNodes(
              name,
              count,
              List.of(DEFAULT_POD_CIDR, DEFAULT_POD_CIDR_V6),
              List.of(DEFAULT_SERVICE_CIDR, DEFAULT_SERVICE_CIDR_V6));
    };
  }

  public static SandboxSpec ofNodes(String name, int count, String podCidr, String serviceCidr) {
    return ofNodes(name, count, List.of(podCidr), List.of(serviceCidr));
  }

  /** So many nodes, each with the next /24, for IPv6 the next /64, of every pod network. */
  public static SandboxSpec ofNodes(
      String name, int count, List<String> podCidrs, List<String> serviceCidrs) {
    List<NodeSpec> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int number = i;
      List<String> shares = podCidrs.stream().map(cidr -> share(cidr, number)).toList();
      nodes.add(new NodeSpec("node-" + (i + 1), shares, ""));
    }
    return new SandboxSpec(
        name, nodes, serviceCidrs, podCidrs, Optional.empty(), true, Map.of(), Optional.empty());
  }

  /** The three nodes of the hello-kubernetes scenario, with the addresses it was observed with. */
  public static SandboxSpec helloKubernetes(String name) {
    return new SandboxSpec(
        name,
        List.of(
            new NodeSpec("node-1", "10.96.0.0/24"),
            new NodeSpec("node-2", "10.96.1.0/24"),
            new NodeSpec("node-3", "10.96.4.0/24")),
        "100.64.0.0/16",
        "10.96.0.0/11");
  }

  public SandboxSpec withKubeconfig(Path file) {
    return new SandboxSpec(
        name, nodes, serviceCidrs, podCidrs, Optional.of(file), agents, agentOptions, cniConfig);
  }

  public SandboxSpec withoutAgents() {
    return new SandboxSpec(
        name, nodes, serviceCidrs, podCidrs, kubeconfig, false, agentOptions, cniConfig);
  }

  public SandboxSpec withAgentOptions(Map<String, Object> options) {
    return new SandboxSpec(
        name, nodes, serviceCidrs, podCidrs, kubeconfig, agents, options, cniConfig);
  }

  public SandboxSpec withCniConfig(String conflist) {
    return new SandboxSpec(
        name,
        nodes,
        serviceCidrs,
        podCidrs,
        kubeconfig,
        agents,
        agentOptions,
        Optional.of(conflist));
  }

  /** The same nodes in these zones, one for each node; what nodes are left over are in none. */
  public SandboxSpec withZones(List<String> zones) {
    List<NodeSpec> placed =
        IntStream.range(0, nodes.size())
            .mapToObj(i -> nodes.get(i).inZone(i < zones.size() ? zones.get(i) : ""))
            .toList();
    return new SandboxSpec(
        name, placed, serviceCidrs, podCidrs, kubeconfig, agents, agentOptions, cniConfig);
  }

  private static String share(String podCidr, int number) {
    Cidr network = Cidr.parse(podCidr);
    return network.subnet(network.v6() ? NODE_PREFIX_V6 : NODE_PREFIX, number).toString();
  }

  /** Whether each network is of IPv6, in order; empty when two are of one family. */
  private static List<Boolean> families(List<String> cidrs) {
    List<Boolean> families = cidrs.stream().map(Cidr::isV6).toList();
    return families.stream().distinct().count() == families.size() ? families : List.of();
  }
}
