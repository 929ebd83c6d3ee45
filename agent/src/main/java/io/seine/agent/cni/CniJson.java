package io.seine.agent.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.cni.PodLinks.PodAddress;
import io.seine.openflow.Family;
import java.util.List;

/** What the plugin prints, in the form each version of the specification has. */
final class CniJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CniJson() {}

  /**
   * The result of ADD: the host's and the pod's interface, the addresses, the default routes. What
   * an earlier plugin of the chain made comes first.
   */
  static byte[] result(NetworkConfig config, PodPort port, List<PodAddress> addresses) {
    CniVersion version = config.version();
    ObjectNode result =
        config.previous().isObject() ? config.previous().deepCopy() : JSON.createObjectNode();
    result.put("cniVersion", version.toString());
    ArrayNode interfaces = result.withArray("/interfaces");
    ObjectNode host = interfaces.addObject().put("name", port.portName());
    ObjectNode pod =
        interfaces
            .addObject()
            .put("name", port.attachment().ifname())
            .put("mac", port.mac().toString())
            .put("sandbox", port.netns());
    if (version.interfacesHaveMtu()) {
      host.put("mtu", port.mtu());
      pod.put("mtu", port.mtu());
    }
    ArrayNode ips = result.withArray("/ips");
    ArrayNode routes = result.withArray("/routes");
    for (PodAddress address : addresses) {
      boolean four = address.family() == Family.IPV4;
      String gateway = address.gateway().toString();
      ObjectNode ip = ips.addObject();
      if (version.ipsNameTheirVersion()) {
        ip.put("version", four ? "4" : "6");
      }
      ip.put("interface", interfaces.size() - 1)
          .put("address", address.onInterface().toString())
          .put("gateway", gateway);
      routes.addObject().put("dst", four ? "0.0.0.0/0" : "::/0").put("gw", gateway);
    }
    if (config.dns().isObject() && !config.dns().isEmpty()) {
      result.set("dns", config.dns());
    } else if (!result.has("dns")) {
      result.putObject("dns");
    }
    return bytes(result);
  }

  static byte[] error(CniVersion version, CniError error) {
    ObjectNode object =
        JSON.createObjectNode()
            .put("cniVersion", version.toString())
            .put("code", error.code())
            .put("msg", error.getMessage());
    if (!error.details().isEmpty()) {
      object.put("details", error.details());
    }
    return bytes(object);
  }

  static byte[] versions(CniVersion asked) {
    ObjectNode object = JSON.createObjectNode().put("cniVersion", asked.toString());
    CniVersion.all().forEach(object.putArray("supportedVersions")::add);
    return bytes(object);
  }

  private static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can be written", e);
    }
  }
}
