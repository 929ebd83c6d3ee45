package io.seine.cli.bench;

import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An agent's memory, in MiB.
 *
 * @param resident what the kernel counts of its JVM
 * @param heap what its objects take once those are gone that nobody refers to
 */
record AgentMemory(double resident, double heap) {
  private static final double MIB = 1 << 20;
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)\\s*$");

  /** Reads the first, then has the JVM collect its garbage for the second. */
  static AgentMemory of(AgentProcess agent) throws IOException {
    long pid = agent.pid().orElseThrow();
    Path status = Path.of("/proc", Long.toString(pid), "status");
    double resident = resident(Files.readAllLines(status));
    String histogram =
        Commands.check(
            Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
            Long.toString(pid),
            "GC.class_histogram");
    return new AgentMemory(resident, heap(histogram));
  }

  static double resident(List<String> status) {
    return status.stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the process has no memory: it has ended"));
  }

  static double heap(String histogram) {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IllegalStateException(
          "jcmd GC.class_histogram ends without its total: "
              + histogram.substring(Math.max(0, histogram.length() - 200)));
    }
    return Double.parseDouble(total.group(1)) / MIB;
  }
}
