package io.seine.agent.cni;

import io.seine.cni.api.v1.InvokeRequest;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the environment part of a request (SPEC 1.1.0, "Parameters"). */
final class Requests {
  private static final Pattern CONTAINER_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");
  private static final int LONGEST_IFNAME = 15;

  private Requests() {}

  static Attachment attachment(InvokeRequest request) throws CniError {
    String containerId = required(request.getContainerId(), "CNI_CONTAINERID");
    if (!CONTAINER_ID.matcher(containerId).matches()) {
      throw new CniError(
          CniError.INVALID_ENVIRONMENT,
          "CNI_CONTAINERID is '" + containerId + "'",
          "it must be letters, digits, and dot, dash or underscore after the first");
    }
    String ifname = required(request.getIfname(), "CNI_IFNAME");
    boolean valid =
        ifname.length() <= LONGEST_IFNAME
            && !ifname.equals(".")
            && !ifname.equals("..")
            && ifname.chars().noneMatch(c -> c == '/' || c == ':' || c <= ' ' || c > '~');
    if (!valid) {
      throw new CniError(
          CniError.INVALID_ENVIRONMENT,
          "CNI_IFNAME is '" + ifname + "'",
          "it must be a device name of 1 to 15 characters");
    }
    return new Attachment(containerId, ifname);
  }

  static String required(String value, String variable) throws CniError {
    if (value.isEmpty()) {
      throw new CniError(
          CniError.INVALID_ENVIRONMENT, variable + " is not set", "the runtime must set it");
    }
    return value;
  }

  /** The host device's name as ADD would choose it; empty if the arguments cannot be read. */
  static Optional<String> deviceName(InvokeRequest request, Attachment attachment) {
    try {
      return Optional.of(PodIdentity.parse(request.getArgs()).portName(attachment));
    } catch (CniError e) {
      return Optional.empty();
    }
  }
}
