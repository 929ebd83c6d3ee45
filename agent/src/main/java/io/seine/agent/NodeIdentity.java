package io.seine.agent;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.node.OwnAddresses;
import io.seine.agent.node.SelfNode;
import io.seine.pipeline.LocalNode;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Sees to it that the node is what it was when the agent started: its addresses and pod networks.
 * Nothing is lost by a restart, so there is no second way of becoming another node. Safe for any
 * thread.
 */
final class NodeIdentity {
  private final Agent.Ground ground;
  private final Consumer<String> fatal;
  private volatile NodeInfo last;

  NodeIdentity(Agent.Ground ground, Consumer<String> fatal) {
    this.ground = ground;
    this.fatal = fatal;
    this.last = ground.info();
  }

  /** The node's object, there or changed. */
  void check(NodeInfo info) throws IOException {
    last = info;
    if (!(SelfNode.of(info, ground.config()) instanceof SelfNode.Known known)) {
      return;
    }
    LocalNode now =
        OwnAddresses.of(known.node(), ground.config(), Agent.onDevices(ground.netlink()));
    if (!now.equals(ground.node())) {
      fatal.accept(
          "this node's addresses or pod network changed (%s %s %s, was %s %s %s); starting anew takes it over"
              .formatted(
                  now.nodeAddress(),
                  now.networks(),
                  now.addresses(),
                  ground.node().nodeAddress(),
                  ground.node().networks(),
                  ground.node().addresses()));
    }
  }

  /** Looks at the devices again: their addresses may change without the object's. */
  void checkDevices() throws IOException {
    if (!ground.config().nodePortAddresses().isEmpty()) {
      check(last);
    }
  }
}
