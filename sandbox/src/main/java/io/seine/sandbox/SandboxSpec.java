package io.seine.sandbox;

import io.seine.sandbox.node.Cidr;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a sandbox shall be.
 *
 * @param name lower-case letters and digits, at most 12: it becomes part of namespace names
 * @param nodes at least one
 * @param serviceCidr where cluster IPs come from
 * @param podCidr the whole pod network, which holds the nodes' shares
 * @param kubeconfig a real API server to be used in place of the embedded one
 * @param agents whether agents are started; without them nodes are bare Open vSwitch
 * @param agentOptions settings of every agent's configuration file beyond those the sandbox writes
 * @param cniConfig the CNI network configuration list, when it is not the default; {@code %SOCKET%}
 *     in it becomes the path of the node's agent
 */
public record SandboxSpec(
    String name,
    List<NodeSpec> nodes,
    String serviceCidr,
    String podCidr,
    Optional<Path> kubeconfig,
    boolean agents,
    Map<String, Object> agentOptions,
    Optional<String> cniConfig) {
  public static final String DEFAULT_NAME = "lab";
  public static final String DEFAULT_POD_CIDR = "10.244.0.0/16";
  public static final String DEFAULT_SERVICE_CIDR = "10.96.0.0/12";
  private static final Pattern NAME = Pattern.compile("[a-z0-9]{1,12}");

  public SandboxSpec {
    if (!NAME.matcher(name).matches()) {
      throw new SandboxException(
          "a sandbox's name is 1 to 12 lower-case letters and digits, not '" + name + "'");
    }
    if (nodes.isEmpty() || nodes.size() > 200) {
      throw new SandboxException("a sandbox has 1 to 200 nodes, not " + nodes.size());
    }
    nodes = List.copyOf(nodes);
    agentOptions = Map.copyOf(agentOptions);
  }

  /** So many nodes, named node-1 and on, each with the next /24 of the default pod network. */
  public static SandboxSpec ofNodes(String name, int count) {
    return ofNodes(name, count, DEFAULT_POD_CIDR, DEFAULT_SERVICE_CIDR);
  }

  public static SandboxSpec ofNodes(String name, int count, String podCidr, String serviceCidr) {
    Cidr network = Cidr.parse(podCidr);
    List<NodeSpec> nodes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      nodes.add(new NodeSpec("node-" + (i + 1), network.subnet(24, i).toString()));
    }
    return new SandboxSpec(
        name, nodes, serviceCidr, podCidr, Optional.empty(), true, Map.of(), Optional.empty());
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
        "10.96.0.0/11",
        Optional.empty(),
        true,
        Map.of(),
        Optional.empty());
  }

  public SandboxSpec withKubeconfig(Path file) {
    return new SandboxSpec(
        name, nodes, serviceCidr, podCidr, Optional.of(file), agents, agentOptions, cniConfig);
  }

  public SandboxSpec withoutAgents() {
    return new SandboxSpec(
        name, nodes, serviceCidr, podCidr, kubeconfig, false, agentOptions, cniConfig);
  }

  public SandboxSpec withAgentOptions(Map<String, Object> options) {
    return new SandboxSpec(
        name, nodes, serviceCidr, podCidr, kubeconfig, agents, options, cniConfig);
  }

  public SandboxSpec withCniConfig(String conflist) {
    return new SandboxSpec(
        name, nodes, serviceCidr, podCidr, kubeconfig, agents, agentOptions, Optional.of(conflist));
  }
}
