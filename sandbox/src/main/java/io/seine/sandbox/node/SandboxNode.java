package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One node: a namespace with a switch, an address in the underlay, and an agent. */
public final class SandboxNode {
  /** What of a node can be restarted. */
  public enum Part {
    AGENT,
    OVS_VSWITCHD,
    OVSDB_SERVER
  }

  private final String name;
  private final List<String> podCidrs;
  private final List<String> addresses;
  private final Namespace namespace;
  private final NodeOvs ovs;
  private final NodeNetwork network;
  private final AgentProcess agent;

  /**
   * A node, there or still to be made.
   *
   * @param podCidrs its shares of the pod networks, one of each family
   * @param addresses its own in the underlay, one of each family, in the same order
   */
  public SandboxNode(Layout layout, String name, List<String> podCidrs, List<String> addresses) {
    Path directory = layout.nodeDirectory(name);
    this.name = name;
    this.podCidrs = List.copyOf(podCidrs);
    this.addresses = List.copyOf(addresses);
    this.namespace = new Namespace(layout.nodeNamespace(name));
    this.ovs = new NodeOvs(namespace, directory.resolve("ovs"));
    this.network = new NodeNetwork(namespace, ovs, this.addresses);
    this.agent = new AgentProcess(namespace, directory);
  }

  public String name() {
    return name;
  }

  /** Its share of the pod network of the primary family. */
  public String podCidr() {
    return podCidrs.getFirst();
  }

  public List<String> podCidrs() {
    return podCidrs;
  }

  /** The node's address in the underlay, of the primary family. */
  public String address() {
    return addresses.getFirst();
  }

  /** The node's addresses in the underlay, one of each family. */
  public List<String> addresses() {
    return addresses;
  }

  public Namespace namespace() {
    return namespace;
  }

  public NodeOvs ovs() {
    return ovs;
  }

  public AgentProcess agent() {
    return agent;
  }

  /** Makes the namespace, starts Open vSwitch in it, and connects it to the underlay. */
  public void create(Underlay underlay, int number) {
    Namespace.create(namespace.name());
    ovs.create();
    network.create(underlay, number);
  }

  /** Stops one part by a signal and starts it again. */
  public void restart(Part part, String signal, JavaCommand java) {
    switch (part) {
      case AGENT -> {
        agent.stop(signal);
        agent.start(java);
      }
      case OVSDB_SERVER -> {
        ovs.stop(NodeOvs.Daemon.OVSDB_SERVER, signal);
        ovs.start(NodeOvs.Daemon.OVSDB_SERVER);
      }
      case OVS_VSWITCHD -> {
        ovs.stop(NodeOvs.Daemon.OVS_VSWITCHD, signal);
        ovs.start(NodeOvs.Daemon.OVS_VSWITCHD);
        network.configure();
      }
    }
  }

  /** The words that run a command on the node, where Open vSwitch's tools find its switch. */
  public List<String> entering(List<String> argv) {
    List<String> command = new ArrayList<>(List.of("env"));
    ovs.environment().forEach((key, value) -> command.add(key + "=" + value));
    command.addAll(argv);
    return namespace.entering(command);
  }

  /** Runs a command on the node to its end. */
  public Commands.Result run(String... argv) {
    return Commands.run(entering(List.of(argv)));
  }
}
