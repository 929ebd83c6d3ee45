package io.seine.agent.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The network configuration a runtime hands over on standard input (SPEC 1.1.0, section 1).
 *
 * @param mtu the option {@code mtu}: what pods of this network get, if less than the node allows
 * @param previous {@code prevResult}; a missing node if there is none
 * @param validAttachments {@code cni.dev/valid-attachments}; empty if absent, for GC only
 * @param dns handed on into the result; a missing node if there is none
 * @param wanted the addresses that {@code runtimeConfig.ips} asks for
 */
record NetworkConfig(
    CniVersion version,
    String name,
    OptionalInt mtu,
    JsonNode previous,
    Optional<Set<Attachment>> validAttachments,
    JsonNode dns,
    List<Ip> wanted) {
  static final int SMALLEST_MTU = 576;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads and validates.
   *
   * @throws CniError code 6 if it is not a JSON object, 1 for a version that is not spoken, 2 for
   *     options Seine cannot follow, 7 for everything else that is wrong
   */
  static NetworkConfig parse(byte[] stdin) throws CniError {
    JsonNode root = tree(stdin);
    CniVersion version = version(root);
    String name = root.path("name").asText("");
    if (name.isEmpty()) {
      throw invalid("the network configuration has no name", "give it \"name\"");
    }
    if (root.path("type").asText("").isEmpty()) {
      throw invalid("the network configuration has no type", "give it \"type\": \"seine\"");
    }
    if (!root.at("/ipam/type").asText("").isEmpty()) {
      throw new CniError(
          CniError.UNSUPPORTED_FIELD,
          "network '" + name + "' names the IPAM plugin '" + root.at("/ipam/type").asText() + "'",
          "Seine gives addresses itself: remove \"ipam\"");
    }
    if (!root.at("/runtimeConfig/mac").isMissingNode()) {
      throw new CniError(
          CniError.UNSUPPORTED_FIELD,
          "network '" + name + "' passes a MAC address",
          "a pod's MAC follows from its address: remove the capability \"mac\"");
    }
    return new NetworkConfig(
        version,
        name,
        mtu(root),
        root.path("prevResult").isObject() ? root.path("prevResult") : MissingNode.getInstance(),
        attachments(root),
        root.path("dns"),
        wanted(root));
  }

  /** The version of a configuration that may be broken otherwise, for VERSION and for errors. */
  static CniVersion versionOrNewest(byte[] stdin) {
    try {
      return version(tree(stdin));
    } catch (CniError e) {
      return CniVersion.NEWEST;
    }
  }

  private static JsonNode tree(byte[] stdin) throws CniError {
    try {
      JsonNode root = JSON.readTree(stdin);
      if (root != null && root.isObject()) {
        return root;
      }
    } catch (JsonProcessingException e) {
      throw new CniError(
          CniError.DECODE_FAILURE,
          "the network configuration on standard input is not JSON: " + e.getOriginalMessage(),
          "",
          e);
    } catch (IOException e) {
      throw new CniError(
          CniError.DECODE_FAILURE, "the network configuration cannot be read: " + e, "", e);
    }
    throw new CniError(
        CniError.DECODE_FAILURE,
        "the network configuration on standard input is not a JSON object",
        "the runtime must hand over the plugin's configuration on standard input");
  }

  private static CniVersion version(JsonNode root) throws CniError {
    String text = root.path("cniVersion").asText("");
    Optional<CniVersion> version = CniVersion.of(text);
    if (version.isEmpty()) {
      throw new CniError(
          CniError.INCOMPATIBLE_VERSION,
          text.isEmpty()
              ? "the network configuration has no cniVersion"
              : "CNI version '" + text + "' is not supported",
          "set cniVersion to one of " + String.join(", ", CniVersion.all()));
    }
    return version.get();
  }

  private static OptionalInt mtu(JsonNode root) throws CniError {
    JsonNode mtu = root.path("mtu");
    if (mtu.isMissingNode() || mtu.isNull() || (mtu.isInt() && mtu.asInt() == 0)) {
      return OptionalInt.empty();
    }
    if (!mtu.isInt() || mtu.asInt() < SMALLEST_MTU || mtu.asInt() > 65535) {
      throw invalid(
          "mtu is " + mtu + ", which is not a number from " + SMALLEST_MTU + " to 65535",
          "leave mtu out to have the node's");
    }
    return OptionalInt.of(mtu.asInt());
  }

  private static Optional<Set<Attachment>> attachments(JsonNode root) throws CniError {
    JsonNode list = root.path("cni.dev/valid-attachments");
    if (list.isMissingNode()) {
      return Optional.empty();
    }
    Set<Attachment> valid = new HashSet<>();
    for (JsonNode entry : list) {
      String containerId = entry.path("containerID").asText("");
      String ifname = entry.path("ifname").asText("");
      if (containerId.isEmpty() || ifname.isEmpty()) {
        throw invalid(
            "cni.dev/valid-attachments has " + entry + ", which lacks containerID or ifname", "");
      }
      valid.add(new Attachment(containerId, ifname));
    }
    if (!list.isArray()) {
      throw invalid("cni.dev/valid-attachments is not a list", "");
    }
    return Optional.of(valid);
  }

  private static List<Ip> wanted(JsonNode root) throws CniError {
    List<Ip> wanted = new ArrayList<>();
    for (JsonNode each : root.at("/runtimeConfig/ips")) {
      String text = each.asText("");
      int slash = text.indexOf('/');
      try {
        wanted.add(Ip.parse(slash < 0 ? text : text.substring(0, slash)));
      } catch (IllegalArgumentException e) {
        throw new CniError(
            CniError.INVALID_CONFIG,
            "runtimeConfig.ips asks for '" + text + "', which is no IP address",
            "",
            e);
      }
    }
    return List.copyOf(wanted);
  }

  private static CniError invalid(String message, String details) {
    return new CniError(CniError.INVALID_CONFIG, message, details);
  }
}
