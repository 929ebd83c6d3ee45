package io.seine.cli.flows;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.ConfigException;
import io.seine.agent.config.ConfigReader;
import io.seine.openflow.Action;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.PortDescription;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.GroupIds;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.node.SandboxNode;
import java.nio.file.Path;
import java.util.List;

/**
 * One node's switch at one moment, as the switch itself tells it.
 *
 * @param config of the node's agent, which need not run
 * @param flows every flow of br-int
 * @param groups every group, and {@code counts} how often it was used
 * @param ports every port
 */
record SwitchReading(
    String node,
    AgentConfig config,
    List<InstalledFlow> flows,
    List<Group> groups,
    List<GroupCounts> counts,
    List<PortDescription> ports) {
  SwitchReading {
    flows = List.copyOf(flows);
    groups = List.copyOf(groups);
    counts = List.copyOf(counts);
    ports = List.copyOf(ports);
  }

  /**
   * Reads a node's switch.
   *
   * @throws SandboxException if it cannot be read
   */
  static SwitchReading of(SandboxNode node) {
    AgentConfig config = config(node);
    Path socket = node.ovs().directory().resolve(config.bridge() + ".mgmt");
    try (OpenFlowConnection connection = OpenFlowConnection.connect(socket)) {
      return new SwitchReading(
          node.name(),
          config,
          connection.dumpFlows(),
          connection.dumpGroups(),
          connection.dumpGroupCounts(),
          connection.dumpPorts());
    } catch (SwitchException e) {
      throw new SandboxException("the switch of " + node.name() + " cannot be read", e);
    }
  }

  /**
   * The configuration of a node's agent.
   *
   * @throws SandboxException if it cannot be read
   */
  static AgentConfig config(SandboxNode node) {
    try {
      return ConfigReader.read(node.agent().configFile(), name -> "");
    } catch (ConfigException e) {
      throw new SandboxException("the configuration of " + node.name() + " cannot be read", e);
    }
  }

  /**
   * Group ids as the switch has them, so that names that hash alike are not taken for each other.
   */
  GroupIds groupIds() {
    GroupIds ids = new GroupIds();
    for (InstalledFlow installed : flows) {
      for (Action action : installed.flow().actions()) {
        if (action instanceof Action.Group group) {
          ids.adopt(Fingerprint.of(installed.flow().key()), group.groupId());
        }
      }
    }
    return ids;
  }
}
