package io.seine.ovsdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/**
 * A network namespace of a random name, so that the devices of a test meet nobody else's. Needs
 * root.
 */
final class TestNamespace implements AutoCloseable {
  private final String name = "seine-ovsdb-" + UUID.randomUUID().toString().substring(0, 8);

  TestNamespace() {
    run("ip", "netns", "add", name);
    exec("ip", "link", "set", "lo", "up");
  }

  String name() {
    return name;
  }

  /** Runs a command inside; returns what it printed. */
  String exec(String... command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
    Collections.addAll(all, command);
    return run(all.toArray(String[]::new));
  }

  @Override
  public void close() {
    run("ip", "netns", "delete", name);
  }

  private static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException(
            String.join(" ", command) + " exited with " + code + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
