package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The CNI parameters of one operation, checked as far as the specification fixes their form (CNI
 * 1.1.0, section 2).
 */
final class Environment {
  private static final int MAX_IFNAME = 15;

  private final byte[] containerId;
  private final byte[] netns;
  private final byte[] ifname;
  private final byte[] args;
  private final byte[] path;

  private Environment(Os os) throws CniException {
    containerId = read(os, "CNI_CONTAINERID");
    netns = read(os, "CNI_NETNS");
    ifname = read(os, "CNI_IFNAME");
    args = read(os, "CNI_ARGS");
    path = read(os, "CNI_PATH");
  }

  /**
   * Reads the environment of an operation.
   *
   * @throws CniException code 4, when a variable that the operation needs is missing or one is
   *     malformed; its name is in the message
   */
  static Environment of(Os os, Operation operation) throws CniException {
    Environment environment = new Environment(os);
    if (operation.needsAttachment()) {
      environment.requireContainerId();
      environment.requireIfname();
    }
    if (operation.needsNetns() && environment.netns.length == 0) {
      throw missing("CNI_NETNS");
    }
    return environment;
  }

  byte[] containerId() {
    return containerId;
  }

  byte[] netns() {
    return netns;
  }

  byte[] ifname() {
    return ifname;
  }

  byte[] args() {
    return args;
  }

  byte[] path() {
    return path;
  }

  /** A letter or digit, then letters, digits, underscores, dots and hyphens. */
  private void requireContainerId() throws CniException {
    if (containerId.length == 0) {
      throw missing("CNI_CONTAINERID");
    }
    for (int i = 0; i < containerId.length; i++) {
      byte b = containerId[i];
      if (!isAlphanumeric(b) && (i == 0 || (b != '_' && b != '.' && b != '-'))) {
        throw malformed(
            "CNI_CONTAINERID",
            "it must begin with a letter or digit and hold only letters, digits, '_', '.' and '-'");
      }
    }
  }

  /** What the kernel takes for the name of a network interface. */
  private void requireIfname() throws CniException {
    if (ifname.length == 0) {
      throw missing("CNI_IFNAME");
    }
    if (ifname.length > MAX_IFNAME) {
      throw malformed("CNI_IFNAME", "it is longer than " + MAX_IFNAME + " bytes");
    }
    if (ifname[0] == '.' && (ifname.length == 1 || (ifname.length == 2 && ifname[1] == '.'))) {
      throw malformed("CNI_IFNAME", "it is '.' or '..'");
    }
    for (byte b : ifname) {
      if (b == '/' || b == ':' || b == ' ' || (b >= '\t' && b <= '\r')) {
        throw malformed("CNI_IFNAME", "it holds '/', ':' or white space");
      }
    }
  }

  static byte[] read(Os os, String name) throws CniException {
    byte[] value = os.environment(name);
    if (value == null) {
      return new byte[0];
    }
    // The contract with the agent has strings, and protobuf refuses strings that are not UTF-8.
    if (!Arrays.equals(
        new String(value, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), value)) {
      throw malformed(name, "it is not valid UTF-8");
    }
    return value;
  }

  static boolean isAlphanumeric(byte b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
  }

  private static CniException missing(String name) {
    return new CniException(
        CniError.INVALID_ENVIRONMENT,
        "environment variable " + name + " is not set",
        "the container runtime must set it for this operation (CNI specification, section 2)");
  }

  private static CniException malformed(String name, String reason) {
    return new CniException(
        CniError.INVALID_ENVIRONMENT,
        "environment variable " + name + " is invalid: " + reason,
        "");
  }
}
