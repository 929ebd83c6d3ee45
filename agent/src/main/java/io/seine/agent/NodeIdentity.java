package io.seine.agent;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.node.SelfNode;
import io.seine.pipeline.LocalNode;
import java.util.function.Consumer;

/**
 * Sees to it that the node is what it was when the agent started: its end of the tunnels and its
 * pod networks. Nothing is lost by a restart, so there is no second way of becoming another node.
 * Safe for any thread.
 */
final class NodeIdentity {
  private final Agent.Ground ground;
  private final Consumer<String> fatal;

  NodeIdentity(Agent.Ground ground, Consumer<String> fatal) {
    this.ground = ground;
    this.fatal = fatal;
  }

  /** The node's object, there or changed. */
  void check(NodeInfo info) {
    if (!(SelfNode.of(info, ground.config()) instanceof SelfNode.Known known)) {
      return;
    }
    LocalNode was = ground.node();
    LocalNode now = known.node().withAddresses(was.addresses(), was.nodePortAddresses());
    if (!now.equals(was)) {
      fatal.accept(
          "this node's address or pod network changed (%s %s, was %s %s); starting anew takes it over"
              .formatted(now.nodeAddress(), now.networks(), was.nodeAddress(), was.networks()));
    }
  }
}
