package io.seine.sandbox;

import io.seine.pipeline.Table;
import io.seine.sandbox.node.SandboxNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a node's switch remembers of one client of one port with session affinity.
 *
 * @param client its address
 * @param group of the port, as printed
 * @param endpoint the bucket of it that the client keeps, as printed
 * @param cookie as printed
 * @param seconds since it was learned
 * @param timeout in seconds without a new connection, 0 for none
 */
record LearnedFlow(
    String client, String group, String endpoint, String cookie, double seconds, int timeout) {
  private static final Pattern LINE =
      Pattern.compile(
          ".*cookie=(0x[0-9a-f]+), duration=([0-9.]+)s, table=%d,.* actions=set_field:(0x[0-9a-f]+)->reg7"
              .formatted(Table.AFFINITY.number()));
  private static final Pattern GROUP = Pattern.compile("\\breg6=(0x[0-9a-f]+)");
  private static final Pattern CLIENT = Pattern.compile("\\b(?:nw_src|ipv6_src)=([0-9a-f.:]+)");
  private static final Pattern TIMEOUT = Pattern.compile("\\bidle_timeout=(\\d+)");

  /** All that a node remembers. */
  static List<LearnedFlow> of(SandboxNode node) {
    String table = "table=" + Table.AFFINITY.number();
    String dump = node.ovs().ofctl("-O", "OpenFlow15", "dump-flows", "br-int", table);
    List<LearnedFlow> learned = new ArrayList<>();
    for (String line : dump.lines().filter(text -> text.contains("->reg7")).toList()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IllegalStateException("not understood: " + line);
      }
      learned.add(
          new LearnedFlow(
              find(CLIENT, line, ""),
              find(GROUP, line, ""),
              matcher.group(3),
              matcher.group(1),
              Double.parseDouble(matcher.group(2)),
              Integer.parseInt(find(TIMEOUT, line, "0"))));
    }
    return learned;
  }

  /** The same at another time. */
  LearnedFlow aged(double other) {
    return new LearnedFlow(client, group, endpoint, cookie, other, timeout);
  }

  private static String find(Pattern pattern, String line, String otherwise) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? matcher.group(1) : otherwise;
  }
}
