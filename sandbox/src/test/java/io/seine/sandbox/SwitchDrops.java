package io.seine.sandbox;

import io.seine.sandbox.node.SandboxNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine that is too busy costs: packets that the kernel did not keep for the switches of
 * the nodes, which in userspace read them from sockets. They are lost before any flow sees them.
 */
final class SwitchDrops {
  /** The last member of a socket's memory figures. */
  private static final Pattern DROPS = Pattern.compile("skmem:\\([^)]*,d(\\d+)\\)");

  private SwitchDrops() {}

  /** How many so far, on all of these nodes. */
  static long of(List<SandboxNode> nodes) {
    long drops = 0;
    for (SandboxNode node : nodes) {
      Matcher found = DROPS.matcher(node.run("ss", "-0", "-a", "-n", "-m").out());
      while (found.find()) {
        drops += Long.parseLong(found.group(1));
      }
    }
    return drops;
  }
}
