package io.seine.sandbox.node;

import io.seine.agent.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to run another program of this build: the same JVM and class path as this one.
 *
 * @param java the executable
 * @param classPath as for {@code -cp}
 */
public record JavaCommand(Path java, String classPath) {
  /** Small and quick to start; many of these JVMs share one machine. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xshare:auto",
          "-Xmx256m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  public static JavaCommand current() {
    String tests = System.getProperty("surefire.test.class.path", "");
    return new JavaCommand(
        Path.of(System.getProperty("java.home"), "bin", "java"),
        tests.isEmpty() ? System.getProperty("java.class.path", "") : tests);
  }

  public List<String> running(String mainClass, List<String> arguments) {
    return running(FLAGS, mainClass, arguments);
  }

  /** As {@link #running(String, List)}, with the JVM flags that an installed agent has. */
  List<String> runningAgent(String mainClass, List<String> arguments) {
    return running(agentFlags(), mainClass, arguments);
  }

  private List<String> running(List<String> flags, String mainClass, List<String> arguments) {
    List<String> argv = new ArrayList<>(List.of(java.toString()));
    argv.addAll(flags);
    argv.addAll(List.of("-cp", classPath, mainClass));
    argv.addAll(arguments);
    return argv;
  }

  private static List<String> agentFlags() {
    try (InputStream flags = Main.class.getResourceAsStream("agent.jvmflags")) {
      if (flags == null) {
        throw new IllegalStateException("the agent's build lacks agent.jvmflags");
      }
      String text = new String(flags.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
