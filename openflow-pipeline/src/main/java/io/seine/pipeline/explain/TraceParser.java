package io.seine.pipeline.explain;

import io.seine.openflow.Bits;
import io.seine.openflow.Ports;
import io.seine.pipeline.explain.Trace.Pass;
import io.seine.pipeline.explain.Trace.Send;
import io.seine.pipeline.explain.Trace.Stage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code ofproto/trace}. The switch prints a tree. What a table does is one step deeper than
 * the table's own line, or two when the packet comes back from there; so a line belongs to the last
 * table whose first line of its own was not deeper.
 *
 * <p>For one text, and from one thread.
 */
final class TraceParser {
  private static final Pattern BRIDGE = Pattern.compile("bridge\\(\"(.*)\"\\)");

  /** {@code 24. conj_id=5,ip, priority 100, cookie 0x5e15000000000001}. */
  private static final Pattern TABLE =
      Pattern.compile(
          "([0-9]+)\\. (?:No match\\.|(?:(.*), )?priority ([0-9]+)(?:, cookie 0x([0-9a-f]+))?)");

  private static final Pattern OUTPUT = Pattern.compile("(?:output:|-> output port is )([0-9]+)");
  private static final Pattern USERDATA = Pattern.compile("userdata=([0-9a-f.]+)");
  private static final String NOTE = "note:";
  private static final String CLAUSE = "-> conj. ";
  private static final String DETAIL = "->";
  private static final String ERROR = ">> ";

  /**
   * Not so: after connection tracking the switch takes the far end that the pipeline has chosen for
   * the one that the packet came from, in traces only.
   */
  private static final String NOT_SO = "Not tunneling to our own address";

  /** How {@code ofproto/trace} writes the bridge's own port. */
  private static final int LOCAL = 65534;

  private final List<Pass> passes = new ArrayList<>();
  private final Deque<Open> open = new ArrayDeque<>();
  private final Deque<Named> bridges = new ArrayDeque<>();
  private List<Open> stages = new ArrayList<>();
  private List<String> remarks = new ArrayList<>();
  private Map<String, String> packet = Map.of();
  private Map<String, String> left = Map.of();

  /** Of the pass that ends; empty while it goes on. */
  private Optional<String> datapathActions = Optional.empty();

  private record Named(String name, int indent) {}

  private TraceParser() {}

  static Trace parse(String text) {
    TraceParser parser = new TraceParser();
    text.lines().forEach(parser::line);
    parser.endPass();
    if (parser.passes.isEmpty()) {
      throw new IllegalArgumentException("not a trace: " + text.strip());
    }
    return new Trace(parser.passes);
  }

  /** The user data of a controller action; empty for another action. */
  static Optional<Bits> userdata(String action) {
    if (!action.startsWith("controller") && !action.startsWith("CONTROLLER")) {
      return Optional.empty();
    }
    Matcher matcher = USERDATA.matcher(action);
    return Optional.of(
        matcher.find()
            ? Bits.of(HexFormat.of().parseHex(matcher.group(1).replace(".", "")))
            : Bits.EMPTY);
  }

  /** What a note says, with the zeros that fill it up; empty for another action. */
  static Optional<Bits> note(String action) {
    return action.startsWith(NOTE)
        ? Optional.of(
            Bits.of(HexFormat.of().parseHex(action.substring(NOTE.length()).replace(".", ""))))
        : Optional.empty();
  }

  private void line(String line) {
    String text = line.strip();
    if (line.startsWith("Flow: ")) {
      endPass();
      packet = fields(text.substring("Flow: ".length()));
      stages = new ArrayList<>();
      remarks = new ArrayList<>();
      open.clear();
      bridges.clear();
    } else if (line.startsWith("Final flow: ")) {
      String fields = text.substring("Final flow: ".length());
      left = fields.equals("unchanged") ? packet : fields(fields);
      open.clear();
    } else if (line.startsWith("Datapath actions: ")) {
      datapathActions = Optional.of(text.substring("Datapath actions: ".length()));
    } else if (text.startsWith("===")) {
      endPass();
    } else if (datapathActions.isPresent()) {
      if (!text.isEmpty()) {
        remarks.add(text);
      }
    } else {
      tree(line, text);
    }
  }

  private void endPass() {
    datapathActions.ifPresent(actions ->
        passes.add(
            new Pass(packet, stages.stream().map(Open::stage).toList(), left, actions, remarks)));
    datapathActions = Optional.empty();
  }

  private void tree(String line, String text) {
    int indent = line.indexOf(text) / 4 * 4;
    Matcher bridge = BRIDGE.matcher(text);
    Matcher table = TABLE.matcher(text);
    if (bridge.matches()) {
      while (!bridges.isEmpty() && bridges.getFirst().indent() >= indent) {
        bridges.pop();
      }
      bridges.push(new Named(bridge.group(1), indent));
    } else if (table.matches() && !bridges.isEmpty()) {
      Open stage = new Open(bridgeAt(indent), table, indent / 4);
      stages.add(stage);
      open.push(stage);
    } else if (!open.isEmpty() && !text.isEmpty() && !text.startsWith("---")) {
      if (open.getFirst().inner < 0) {
        open.getFirst().inner = indent;
      }
      while (open.size() > 1 && open.getFirst().inner > indent) {
        open.pop();
      }
      open.getFirst().add(text);
    }
  }

  private String bridgeAt(int indent) {
    while (bridges.size() > 1 && bridges.getFirst().indent() > indent) {
      bridges.pop();
    }
    return bridges.getFirst().name();
  }

  static Map<String, String> fields(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String field : text.split(",", -1)) {
      int at = field.indexOf('=');
      fields.put(at < 0 ? field : field.substring(0, at), at < 0 ? "" : field.substring(at + 1));
    }
    return fields;
  }

  /** A table whose lines are still coming. */
  private static final class Open {
    private final String bridge;
    private final int table;
    private final int depth;
    private final String match;
    private final OptionalInt priority;
    private final long cookie;
    private final List<String> actions = new ArrayList<>();
    private final List<String> clauses = new ArrayList<>();
    private final List<Send> sends = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();

    /** How deep its own lines are; less than 0 before the first. */
    private int inner = -1;

    /** Whether the line before is of a packet that leaves. */
    private boolean sending;

    Open(String bridge, Matcher heading, int depth) {
      this.bridge = bridge;
      this.depth = depth;
      table = Integer.parseInt(heading.group(1));
      match = Optional.ofNullable(heading.group(2)).orElse("");
      priority =
          heading.group(3) == null
              ? OptionalInt.empty()
              : OptionalInt.of(Integer.parseInt(heading.group(3)));
      cookie = heading.group(4) == null ? 0 : Long.parseUnsignedLong(heading.group(4), 16);
    }

    void add(String text) {
      Matcher output = OUTPUT.matcher(text);
      if (text.startsWith(CLAUSE)) {
        clauses.add(text.substring(CLAUSE.length()));
      } else if (text.startsWith(ERROR)) {
        String error = text.substring(ERROR.length());
        if (!error.equals(NOT_SO)) {
          errors.add(error);
        }
        if (sending && !error.equals(NOT_SO)) {
          sends.add(new Send(sends.removeLast().port(), error));
        }
      } else if (output.matches()) {
        int port = Integer.parseInt(output.group(1));
        sends.add(new Send(port == LOCAL ? Ports.LOCAL : port, ""));
        sending = true;
        if (!text.startsWith(DETAIL)) {
          actions.add(text);
        }
      } else if (!text.startsWith(DETAIL)) {
        actions.add(text);
        sending = text.equals("IN_PORT") || text.equals("LOCAL");
        if (sending) {
          sends.add(new Send(text.equals("LOCAL") ? Ports.LOCAL : Ports.IN_PORT, ""));
        }
      }
    }

    Stage stage() {
      return new Stage(
          bridge, table, depth, match, priority, cookie, actions, clauses, sends, errors);
    }
  }
}
