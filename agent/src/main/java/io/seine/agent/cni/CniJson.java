package io.seine.agent.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.agent.netlink.InterfaceAddress;
import io.seine.openflow.Ip;

/** What the plugin prints, in the form each version of the specification has. */
final class CniJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private CniJson() {}

  /**
   * The result of ADD: the host's and the pod's interface, the address, the default route. What an
   * earlier plugin of the chain made comes first.
   */
  static byte[] result(NetworkConfig config, PodPort port, InterfaceAddress address, Ip gateway) {
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
    ObjectNode ip = result.withArray("/ips").addObject();
    if (version.ipsNameTheirVersion()) {
      ip.put("version", "4");
    }
    ip.put("interface", interfaces.size() - 1)
        .put("address", address.toString())
        .put("gateway", gateway.toString());
    result.withArray("/routes").addObject().put("dst", "0.0.0.0/0").put("gw", gateway.toString());
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
