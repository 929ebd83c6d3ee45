package io.seine.agent.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The agent's tables in nftables, replaced as a whole in one transaction: there is no moment
 * without rules, and nothing of another program's is touched. They stay when the agent stops. One
 * {@code nft} process for each change or look. Not thread safe: one thread owns it.
 */
public final class PacketFilter {
  private static final long TIMEOUT_SECONDS = 10;
  private static final List<List<String>> TABLES =
      List.of(List.of("inet", "seine"), List.of("arp", "seine"));

  private final List<String> prefix;
  private Optional<String> applied = Optional.empty();
  private String shownAfterwards = "";

  /** The tables of the namespace that the agent runs in. */
  public PacketFilter() {
    this(List.of());
  }

  /** {@code prefix} comes before each command, to run it in another namespace. */
  PacketFilter(List<String> prefix) {
    this.prefix = List.copyOf(prefix);
  }

  /**
   * Makes the rules what {@code rules} says, unless they are that already.
   *
   * @return whether anything had to be changed
   * @throws IOException if nft is not there, or refused, with its own words
   */
  public boolean reconcile(String rules) throws IOException, InterruptedException {
    if (applied.equals(Optional.of(rules)) && show().equals(shownAfterwards)) {
      return false;
    }
    run(List.of("nft", "-f", "-"), rules, true);
    applied = Optional.of(rules);
    shownAfterwards = show();
    return true;
  }

  private String show() throws IOException, InterruptedException {
    StringBuilder all = new StringBuilder();
    for (List<String> table : TABLES) {
      all.append(run(List.of("nft", "list", "table", table.get(0), table.get(1)), "", false));
    }
    return all.toString();
  }

  private String run(List<String> arguments, String input, boolean mustSucceed)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(String.join(" ", command) + " did not end in time");
      }
      if (process.exitValue() != 0 && mustSucceed) {
        throw new IOException(
            String.join(" ", command) + " refused the packet filter's rules: " + output.strip());
      }
      return output;
    } finally {
      process.destroyForcibly();
    }
  }
}
