package io.seine.sandbox.node;

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
    List<String> argv = new ArrayList<>(List.of(java.toString()));
    argv.addAll(FLAGS);
    argv.addAll(List.of("-cp", classPath, mainClass));
    argv.addAll(arguments);
    return argv;
  }
}
