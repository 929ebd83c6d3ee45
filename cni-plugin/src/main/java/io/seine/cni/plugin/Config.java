package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * The few keys of the network configuration that concern the executable itself.
 *
 * @param cniVersion the version that errors are reported in
 * @param agentSocket {@code agentSocket}: absolute path of the agent's Unix socket
 * @param stateDir {@code stateDir}: absolute path of the directory under which DELs wait for the
 *     agent; the socket's by default
 * @param timeoutMillis {@code timeoutSeconds}, at most an hour; 0 when not given
 */
record Config(String cniVersion, String agentSocket, String stateDir, int timeoutMillis) {
  static final String DEFAULT_VERSION = "1.1.0";
  static final String DEFAULT_SOCKET = "/run/seine/cni.sock";

  /** sockaddr_un holds 108 bytes with the final NUL. */
  private static final int MAX_SOCKET_PATH = 107;

  private static final int MAX_PATH = 3000;

  private static final Set<String> KEYS =
      Set.of("cniVersion", "agentSocket", "stateDir", "timeoutSeconds");

  /**
   * Reads the configuration.
   *
   * @throws CniException code 6 when it is not a JSON object, code 7 when one of our keys is wrong
   */
  static Config parse(byte[] stdin) throws CniException {
    Map<String, JsonScan.Scalar> keys =
        JsonScan.topLevel(new String(stdin, StandardCharsets.UTF_8), KEYS);
    String socket = path(keys, "agentSocket", DEFAULT_SOCKET, MAX_SOCKET_PATH);
    String directory = socket.substring(0, Math.max(1, socket.lastIndexOf('/')));
    String state = path(keys, "stateDir", directory, MAX_PATH);
    return new Config(version(keys), socket, state, timeout(keys));
  }

  /** The version named in a configuration that may be broken otherwise. */
  static String versionOf(byte[] stdin) {
    try {
      return version(JsonScan.topLevel(new String(stdin, StandardCharsets.UTF_8), KEYS));
    } catch (CniException e) {
      return DEFAULT_VERSION;
    }
  }

  private static String version(Map<String, JsonScan.Scalar> keys) {
    JsonScan.Scalar value = keys.get("cniVersion");
    boolean usable =
        value != null && value.string() && !value.text().isEmpty() && value.text().length() <= 32;
    return usable && value != null ? value.text() : DEFAULT_VERSION;
  }

  private static String path(
      Map<String, JsonScan.Scalar> keys, String key, String fallback, int limit)
      throws CniException {
    JsonScan.Scalar value = keys.get(key);
    if (value == null) {
      return fallback;
    }
    String path = value.text();
    boolean valid = value.string() && path.startsWith("/") && path.indexOf('\0') < 0;
    if (!valid || path.getBytes(StandardCharsets.UTF_8).length > limit) {
      throw invalid(key, "an absolute path of at most " + limit + " bytes");
    }
    return path;
  }

  private static int timeout(Map<String, JsonScan.Scalar> keys) throws CniException {
    JsonScan.Scalar value = keys.get("timeoutSeconds");
    if (value == null) {
      return 0;
    }
    int seconds = 0;
    String digits = value.text();
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      seconds = digit < 0 || digit > 9 || seconds > 3600 ? -1 : seconds * 10 + digit;
      if (seconds < 0) {
        break;
      }
    }
    if (value.string() || seconds < 1 || seconds > 3600) {
      throw invalid("timeoutSeconds", "a whole number of seconds from 1 to 3600");
    }
    return seconds * 1000;
  }

  private static CniException invalid(String key, String wanted) {
    return new CniException(
        CniError.INVALID_CONFIG,
        "the network configuration's key \"" + key + "\" must be " + wanted,
        "");
  }
}
