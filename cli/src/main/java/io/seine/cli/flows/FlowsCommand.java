package io.seine.cli.flows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.cli.Output;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.OvsText;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code seine flows}. */
@Command(
    name = "flows",
    mixinStandardHelpOptions = true,
    description = "What the switch does, in the cluster's own words. Works with the agent down.",
    subcommands = DiffCommand.class)
public final class FlowsCommand implements Runnable {
  private static final ObjectMapper JSON = new ObjectMapper();
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeChoice choice = new NodeChoice();
  @Mixin private FlowFilter filter = new FlowFilter();

  @Option(names = "--raw", description = "As ovs-ofctl would print it.")
  private boolean raw;

  @Option(names = "--stats", description = "With packets, bytes and age.")
  private boolean stats;

  @Option(
      names = "--expand",
      description = "One line for each flow; alike ones are folded otherwise.")
  private boolean expand;

  @Option(names = "-o", paramLabel = "FORMAT", description = "table or json; default: table.")
  private Output output = Output.TABLE;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    try (SandboxView view = choice.attach()) {
      List<Map<String, Object>> objects = new ArrayList<>();
      for (SandboxNode node : choice.of(view)) {
        SwitchReading reading = SwitchReading.of(view, node);
        List<FlowLine> lines = lines(reading);
        if (output == Output.JSON) {
          lines.forEach(line -> objects.add(json(reading, line)));
        } else if (raw) {
          lines.forEach(line -> out.println(" " + text(line.installed())));
        } else {
          out.println(
              "# "
                  + node.name()
                  + ": "
                  + lines.size()
                  + " of "
                  + reading.flows().size()
                  + " flows");
          print(lines, out);
        }
      }
      if (output == Output.JSON) {
        out.println(toJson(objects));
      }
    }
  }

  private List<FlowLine> lines(SwitchReading reading) {
    Words words = new Words(Names.of(reading), reading.groups());
    return reading.flows().stream()
        .map(installed ->
            new FlowLine(
                installed,
                Optional.ofNullable(reading.owners().get(installed.flow().key())),
                words.match(installed.flow().match()),
                words.actions(installed.flow())))
        .filter(filter.predicate())
        .sorted(
            Comparator.comparingInt((FlowLine l) -> l.installed().flow().table())
                .thenComparingInt(l -> -l.installed().flow().priority())
                .thenComparing(FlowLine::ownerText)
                .thenComparing(FlowLine::match))
        .toList();
  }

  private void print(List<FlowLine> lines, PrintWriter out) {
    Map<String, List<FlowLine>> folded =
        lines.stream()
            .collect(
                Collectors.groupingBy(
                    line -> expand ? "" + System.identityHashCode(line) : line.shape(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    int table = -1;
    for (List<FlowLine> alike : folded.values()) {
      FlowLine first = alike.getFirst();
      if (first.installed().flow().table() != table) {
        table = first.installed().flow().table();
        out.println("%n%s (%d)".formatted(Words.table(table), table).stripLeading());
      }
      String owner =
          alike.size() == 1 ? first.ownerText() : first.ownerKind() + " × " + alike.size();
      out.println(
          "  %5d  %-28s %s  ⇒  %s%s"
              .formatted(
                  first.installed().flow().priority(),
                  owner,
                  first.match(),
                  first.actions(),
                  alike.size() == 1
                      ? counters(alike)
                      : "  (and " + (alike.size() - 1) + " alike)" + counters(alike)));
    }
  }

  private String counters(List<FlowLine> lines) {
    if (!stats) {
      return "";
    }
    long packets = lines.stream().mapToLong(line -> line.installed().packets()).sum();
    long bytes = lines.stream().mapToLong(line -> line.installed().bytes()).sum();
    return "  [%d packets, %d bytes, %d s old]"
        .formatted(packets, bytes, lines.getFirst().installed().age().toSeconds());
  }

  private String text(InstalledFlow installed) {
    return stats
        ? OvsText.of(installed)
        : "cookie=0x%x, %s".formatted(installed.cookie(), OvsText.of(installed.flow()));
  }

  private static Map<String, Object> json(SwitchReading reading, FlowLine line) {
    InstalledFlow installed = line.installed();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("node", reading.node());
    object.put("table", installed.flow().table());
    object.put("tableName", Words.table(installed.flow().table()));
    object.put("priority", installed.flow().priority());
    object.put("owner", line.ownerText());
    object.put("match", line.match());
    object.put("actions", line.actions());
    object.put("packets", installed.packets());
    object.put("bytes", installed.bytes());
    object.put("ageSeconds", installed.age().toMillis() / 1000.0);
    object.put("cookie", "0x%016x".formatted(installed.cookie()));
    object.put("raw", OvsText.of(installed.flow()));
    return object;
  }

  private static String toJson(Object value) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
