package io.seine.cli.flows;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.ConfigException;
import io.seine.agent.config.ConfigReader;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.FactsLoader;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.openflow.Action;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.PortDescription;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.ovsdb.OvsdbException;
import io.seine.ovsdb.OvsdbSession;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.Fingerprint;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One node's switch at one moment, beside what it should be. Nothing of it comes from the agent:
 * the flows are the switch's, the facts the API's and OVSDB's.
 *
 * @param flows every flow of br-int
 * @param groups every group
 * @param ports every port
 * @param facts what the switch is made from
 * @param wanted what it should hold, by owner
 * @param owners whose a flow is, by its key
 */
record SwitchReading(
    String node,
    List<InstalledFlow> flows,
    List<Group> groups,
    List<PortDescription> ports,
    ClusterFacts facts,
    Map<Owner, FlowSet> wanted,
    Map<Flow.Key, Owner> owners) {
  private static final Duration OVSDB_LIMIT = Duration.ofSeconds(10);

  SwitchReading {
    flows = List.copyOf(flows);
    groups = List.copyOf(groups);
    ports = List.copyOf(ports);
    wanted = Map.copyOf(wanted);
    owners = Map.copyOf(owners);
  }

  /**
   * Reads a node.
   *
   * @throws SandboxException if the switch, its database or the API cannot be read
   */
  static SwitchReading of(SandboxView view, SandboxNode node) {
    AgentConfig config = config(node);
    Path socket = node.ovs().directory().resolve(config.bridge() + ".mgmt");
    try (OpenFlowConnection connection = OpenFlowConnection.connect(socket)) {
      List<InstalledFlow> flows = connection.dumpFlows();
      List<Group> groups = connection.dumpGroups();
      ClusterFacts facts = facts(view, config, snapshot(node));
      Map<Owner, FlowSet> wanted = facts.compile(idsOf(flows));
      return new SwitchReading(
          node.name(), flows, groups, connection.dumpPorts(), facts, wanted, owners(wanted));
    } catch (SwitchException e) {
      throw new SandboxException("the switch of " + node.name() + " cannot be read", e);
    }
  }

  private static AgentConfig config(SandboxNode node) {
    try {
      return ConfigReader.read(node.agent().configFile(), name -> "");
    } catch (ConfigException e) {
      throw new SandboxException("the configuration of " + node.name() + " cannot be read", e);
    }
  }

  private static Snapshot snapshot(SandboxNode node) {
    OvsdbSession.Listener nobody =
        new OvsdbSession.Listener() {
          @Override
          public void connected(Snapshot snapshot) {}

          @Override
          public void disconnected(String why) {}
        };
    try (OvsdbSession session =
        OvsdbSession.open(
            node.ovs().database(), OvsdbSession.Options.standard(new Random()), nobody)) {
      return session.awaitConnected(OVSDB_LIMIT);
    } catch (OvsdbException e) {
      throw new SandboxException("the database of " + node.name() + " cannot be read", e);
    }
  }

  @SuppressWarnings("try") // the API's client is the view's, which closes it
  private static ClusterFacts facts(SandboxView view, AgentConfig config, Snapshot database) {
    try {
      return FactsLoader.load(new Api(view.client()), config, database);
    } catch (ApiException e) {
      throw new SandboxException("the API cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while reading the API");
    }
  }

  /**
   * Group ids as the switch has them, so that names that hash alike are not taken for each other.
   */
  private static GroupIds idsOf(List<InstalledFlow> flows) {
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

  private static Map<Flow.Key, Owner> owners(Map<Owner, FlowSet> wanted) {
    Map<Flow.Key, Owner> owners = new HashMap<>();
    wanted.forEach((owner, set) ->
        set.flows().forEach(flow -> owners.merge(flow.key(), owner, SwitchReading::first)));
    return owners;
  }

  private static Owner first(Owner one, Owner other) {
    return one.compareTo(other) <= 0 ? one : other;
  }
}
