package io.seine.sandbox;

import io.seine.sandbox.node.SandboxNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine that is too busy costs: packets that the kernel did not keep for the switches of
 * the nodes, which in userspace read each device from a socket. They are lost before any flow sees
 * them.
 *
 * @param byDevice so many since the machine has the device, by node and device
 */
record SwitchDrops(Map<Device, Long> byDevice) {
  /** The last member of a socket's memory figures is what it dropped. */
  private static final Pattern SOCKET =
      Pattern.compile("\\*:(\\S+) .*skmem:\\([^)]*,d(\\d+)\\)", Pattern.MULTILINE);

  SwitchDrops {
    byDevice = Map.copyOf(byDevice);
  }

  /** A device that a switch reads from. */
  record Device(String node, String name) {}

  /** Those of now. */
  static SwitchDrops on(List<SandboxNode> nodes) {
    Map<Device, Long> drops = new HashMap<>();
    for (SandboxNode node : nodes) {
      Matcher found = SOCKET.matcher(node.run("ss", "-0", "-a", "-n", "-m").out());
      while (found.find()) {
        var _ =
            drops.merge(
                new Device(node.name(), found.group(1)), Long.parseLong(found.group(2)), Long::sum);
      }
    }
    return new SwitchDrops(drops);
  }

  /** Those of these devices since an earlier look. */
  long since(SwitchDrops before, BiPredicate<String, String> nodeAndDevice) {
    return byDevice.entrySet().stream()
        .filter(e -> nodeAndDevice.test(e.getKey().node(), e.getKey().name()))
        .mapToLong(e -> e.getValue() - before.byDevice().getOrDefault(e.getKey(), 0L))
        .sum();
  }
}
