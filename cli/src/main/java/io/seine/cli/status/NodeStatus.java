package io.seine.cli.status;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.sandbox.node.HttpReply;
import io.seine.sandbox.node.NodeOvs.Daemon;
import io.seine.sandbox.node.SandboxNode;
import java.io.UncheckedIOException;

/**
 * How one node is.
 *
 * @param reason why the agent is not ready; empty when it is
 * @param details what the agent says of itself; empty when it does not answer
 */
record NodeStatus(
    String node,
    String address,
    String podCidr,
    boolean agentUp,
    boolean ready,
    String reason,
    boolean vswitchdUp,
    boolean ovsdbUp,
    ObjectNode details) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static NodeStatus of(SandboxNode node) {
    boolean up = node.agent().pid().isPresent();
    boolean ready = false;
    String reason = "";
    ObjectNode details = JSON.createObjectNode();
    if (up) {
      try {
        HttpReply readiness = node.agent().get("/readyz");
        ready = readiness.status() == 200;
        reason = ready ? "" : readiness.body().strip();
        details = details(node.agent().get("/status").body());
      } catch (UncheckedIOException e) {
        reason = "it does not answer: " + e.getMessage();
      }
    }
    return new NodeStatus(
        node.name(),
        node.address(),
        node.podCidr(),
        up,
        ready,
        reason,
        node.ovs().pid(Daemon.OVS_VSWITCHD).isPresent(),
        node.ovs().pid(Daemon.OVSDB_SERVER).isPresent(),
        details);
  }

  boolean isWell() {
    return agentUp && ready && vswitchdUp && ovsdbUp;
  }

  ObjectNode toJson() {
    ObjectNode object = JSON.createObjectNode();
    object.put("node", node);
    object.put("address", address);
    object.put("podCidr", podCidr);
    object.put("agentUp", agentUp);
    object.put("ready", ready);
    object.put("reason", reason);
    object.put("ovsVswitchdUp", vswitchdUp);
    object.put("ovsdbServerUp", ovsdbUp);
    object.set("agent", details);
    return object;
  }

  private static ObjectNode details(String body) {
    try {
      JsonNode tree = JSON.readTree(body);
      return tree instanceof ObjectNode object ? object : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode().put("status", "not JSON: " + e.getOriginalMessage());
    }
  }
}
