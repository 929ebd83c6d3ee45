package io.seine.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The {@code nft} command: one process for each call. What one call changes is one transaction.
 * Thread safe.
 */
public final class Nft {
  private static final long TIMEOUT_SECONDS = 10;

  private final List<String> prefix;

  /** For the tables of the namespace that the agent runs in. */
  public Nft() {
    this(List.of());
  }

  /** {@code prefix} comes before each command, to run it in another namespace. */
  Nft(List<String> prefix) {
    this.prefix = List.copyOf(prefix);
  }

  /** What a call printed, on both streams, and its exit code. */
  record Outcome(int exitCode, String output) {}

  /**
   * Carries out a script.
   *
   * @throws IOException if nft is not there, or refused, with its own words; nothing has changed
   *     then
   */
  void apply(String script) throws IOException, InterruptedException {
    Outcome outcome = run(script, "-f", "-");
    if (outcome.exitCode() != 0) {
      throw new IOException(
          "nft refused the packet filter's rules: " + firstLines(outcome.output()));
    }
  }

  /**
   * Runs nft with arguments; a refusal is an outcome.
   *
   * @throws IOException if nft is not there or does not end
   */
  Outcome run(String input, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.add("nft");
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended before it had read all: what it printed says why.
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(String.join(" ", command) + " did not end in time");
      }
      return new Outcome(process.exitValue(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  /** An error repeats the script's line, which may be megabytes long. */
  private static String firstLines(String output) {
    String text = output.strip();
    return text.length() <= 600 ? text : text.substring(0, 600) + "...";
  }
}
