package io.seine.openflow.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A release of Open vSwitch that tests can run: the installed one, or one that was unpacked into a
 * directory and brings its own libraries.
 *
 * @param directory where it was unpacked, with a starter for each program in {@code bin}; empty for
 *     the installed one
 */
public record OvsRelease(Optional<Path> directory) {
  /** The one that is installed on this machine. */
  public static final OvsRelease INSTALLED = new OvsRelease(Optional.empty());

  /** The environment variable with the directory of a newer one, set by the test command. */
  private static final String NEWER = "SEINE_TEST_OVS";

  private static final Pattern VERSION =
      Pattern.compile("\\(Open vSwitch\\) ((\\d+)\\.(\\d+)\\S*)");

  /** The installed one, and the newer one that the test command fetched, if it could. */
  public static List<OvsRelease> available() {
    List<OvsRelease> found = new ArrayList<>(List.of(INSTALLED));
    Optional.ofNullable(System.getenv(NEWER))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> new OvsRelease(Optional.of(Path.of(directory))))
        .ifPresent(found::add);
    return found;
  }

  /** What starts one of its programs. */
  String program(String name) {
    return directory.map(d -> d.resolve("bin").resolve(name).toString()).orElse(name);
  }

  /** The schema of its database. */
  Path schema() {
    return directory
        .orElse(Path.of("/"))
        .resolve("usr/share/openvswitch/vswitch.ovsschema")
        .toAbsolutePath();
  }

  /** Whether its userspace datapath changes the ports of SCTP; known of 3.1 and of 3.5. */
  public boolean translatesSctpPorts() {
    Matcher version = version();
    int major = Integer.parseInt(version.group(2));
    return major > 3 || (major == 3 && Integer.parseInt(version.group(3)) >= 5);
  }

  private Matcher version() {
    List<String> command = List.of(program("ovs-vswitchd"), "--version");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      Matcher matcher = VERSION.matcher(output);
      if (process.waitFor() != 0 || !matcher.find()) {
        throw new IllegalStateException(String.join(" ", command) + " says: " + output);
      }
      return matcher;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /** For names of tests, such as {@code Open vSwitch 3.1.0}. */
  @Override
  public String toString() {
    return "Open vSwitch " + version().group(1);
  }
}
