package io.seine.agent.cni;

import io.seine.openflow.Ip;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Who the interface is for, as CNI_ARGS tell it.
 *
 * @param namespace K8S_POD_NAMESPACE, or empty
 * @param pod K8S_POD_NAME, or empty
 * @param uid K8S_POD_UID, or empty
 * @param wanted the addresses that IP asks for, with commas between
 */
record PodIdentity(String namespace, String pod, String uid, List<Ip> wanted) {
  PodIdentity {
    wanted = List.copyOf(wanted);
  }

  private static final int NAME_CHARACTERS = 8;

  /**
   * Reads {@code KEY=value;KEY=value}, in any order; keys that mean nothing here are passed over.
   */
  static PodIdentity parse(String args) throws CniError {
    Map<String, String> values = new HashMap<>();
    for (String pair : args.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        values.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
      } else if (!pair.isBlank()) {
        throw new CniError(
            CniError.INVALID_ENVIRONMENT,
            "CNI_ARGS has '" + pair + "', which is not KEY=value",
            "CNI_ARGS must be KEY=value pairs with semicolons between them");
      }
    }
    String ip = values.getOrDefault("IP", "");
    return new PodIdentity(
        values.getOrDefault("K8S_POD_NAMESPACE", ""),
        values.getOrDefault("K8S_POD_NAME", ""),
        values.getOrDefault("K8S_POD_UID", ""),
        addresses(ip));
  }

  private static List<Ip> addresses(String text) throws CniError {
    List<Ip> addresses = new ArrayList<>();
    for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      addresses.add(address(each.strip()));
    }
    return addresses;
  }

  private static Ip address(String text) throws CniError {
    int slash = text.indexOf('/');
    try {
      return Ip.parse(slash < 0 ? text : text.substring(0, slash));
    } catch (IllegalArgumentException e) {
      throw new CniError(
          CniError.INVALID_ENVIRONMENT,
          "CNI_ARGS asks for address '" + text + "', which is no IP address",
          "",
          e);
    }
  }

  /**
   * The name of the pod's port and host device: the start of the pod's name, a dash, and six hex
   * digits that tell apart pods whose names begin alike, as {@code hello-ku-0f40e6}.
   */
  String portName(Attachment attachment) {
    String start = (pod.isEmpty() ? "pod" : pod).replaceAll("[^A-Za-z0-9-]", "-");
    start = start.substring(0, Math.min(NAME_CHARACTERS, start.length()));
    String whole =
        namespace + "/" + pod + "/" + attachment.containerId() + "/" + attachment.ifname();
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(whole.getBytes(StandardCharsets.UTF_8));
      return start + "-" + HexFormat.of().formatHex(hash, 0, 3);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
