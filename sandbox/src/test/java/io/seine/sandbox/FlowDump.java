package io.seine.sandbox;

import io.seine.pipeline.Table;
import io.seine.sandbox.node.SandboxNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What ovs-ofctl shows of a node's switch at one moment, so that two moments can be compared.
 *
 * @param flows by cookie, table, priority, match and actions
 * @param groups as printed, sorted
 */
record FlowDump(Map<String, Entry> flows, List<String> groups) {
  private static final Set<Integer> UNASKED =
      Set.of(Table.CLASSIFIER.number(), Table.CONNTRACK_STATE.number());
  private static final Pattern LINE =
      Pattern.compile(
          " *cookie=(0x[0-9a-f]+), duration=([0-9.]+)s, table=(\\d+), n_packets=(\\d+),"
              + " n_bytes=\\d+,(?: (?:idle|hard)_age=\\d+,)* (.*)");

  /**
   * One flow.
   *
   * @param table its number
   * @param seconds since it was written
   * @param packets that it has seen
   * @param actions as printed
   */
  record Entry(int table, double seconds, long packets, String actions) {}

  FlowDump {
    flows = Map.copyOf(flows);
    groups = List.copyOf(groups);
  }

  static FlowDump of(SandboxNode node) {
    Map<String, Entry> flows = new LinkedHashMap<>();
    String text = node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", "br-int");
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        String rest = matcher.group(5);
        Entry entry =
            new Entry(
                Integer.parseInt(matcher.group(3)),
                Double.parseDouble(matcher.group(2)),
                Long.parseLong(matcher.group(4)),
                rest.substring(rest.indexOf("actions=") + "actions=".length()));
        flows.put(matcher.group(1) + " table=" + matcher.group(3) + " " + rest, entry);
      } else if (line.contains("actions=")) {
        throw new IllegalStateException("not understood: " + line);
      }
    }
    return new FlowDump(flows, groupsOf(node));
  }

  private static List<String> groupsOf(SandboxNode node) {
    return node.ovs()
        .ofctl("-O", "OpenFlow15", "dump-groups", "br-int")
        .lines()
        .filter(line -> line.contains("group_id="))
        .map(String::strip)
        .sorted()
        .toList();
  }

  /**
   * The packets that met a flow which drops. Left out is what pods send unasked or too late: what
   * is not IPv4 at all, and a last segment of a connection that has ended.
   */
  long dropped() {
    return flows.values().stream()
        .filter(entry -> !UNASKED.contains(entry.table()) && entry.actions().equals("drop"))
        .mapToLong(Entry::packets)
        .sum();
  }
}
