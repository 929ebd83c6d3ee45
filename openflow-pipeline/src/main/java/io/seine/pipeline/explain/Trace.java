package io.seine.pipeline.explain;

import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Table;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What the switch says that it would do with a packet: the answer to {@code ofproto/trace} of Open
 * vSwitch 3.1 to 3.5 ({@code ovs-vswitchd(8)}; printed by its ofproto/ofproto-dpif-trace.c).
 *
 * @param passes at least one; each time that connection tracking gives the packet back is another
 */
public record Trace(List<Pass> passes) {
  public Trace {
    passes = List.copyOf(passes);
    if (passes.isEmpty() || passes.getFirst().stages().isEmpty()) {
      throw new IllegalArgumentException("a trace has a pass with a table");
    }
  }

  /**
   * Reads what {@code ofproto/trace} printed.
   *
   * @throws IllegalArgumentException if it is no trace
   */
  public static Trace parse(String text) {
    return TraceParser.parse(text);
  }

  /**
   * One way through the tables, up to the end or to the next look into connection tracking.
   *
   * @param packet its fields at the start by the switch's names for them; a bare {@code tcp} has an
   *     empty value
   * @param stages in the order in which the packet met them, also those of other bridges
   * @param left its fields at the end
   * @param datapathActions as the switch prints them
   * @param remarks what the switch says besides, such as that it gives up
   */
  public record Pass(
      Map<String, String> packet,
      List<Stage> stages,
      Map<String, String> left,
      String datapathActions,
      List<String> remarks) {
    public Pass {
      packet = Map.copyOf(packet);
      stages = List.copyOf(stages);
      left = Map.copyOf(left);
      remarks = List.copyOf(remarks);
    }
  }

  /**
   * A table that the packet met.
   *
   * @param bridge whose table
   * @param depth 0 on the way; more in a table that was only asked and came back
   * @param match of the flow that matched, as the switch prints it; empty if it matches any packet
   * @param priority of it; empty if none matched
   * @param cookie of it; 0 if none matched
   * @param actions each as the switch prints it, those of a bucket too
   * @param clauses the flows that a conjunction was made of; OVS tells since 3.4
   * @param sends where copies of the packet leave
   * @param errors why actions failed
   */
  public record Stage(
      String bridge,
      int table,
      int depth,
      String match,
      OptionalInt priority,
      long cookie,
      List<String> actions,
      List<String> clauses,
      List<Send> sends,
      List<String> errors) {
    private static final String CONJUNCTION = "conj_id=";

    public Stage {
      actions = List.copyOf(actions);
      clauses = List.copyOf(clauses);
      sends = List.copyOf(sends);
      errors = List.copyOf(errors);
    }

    /** The conjunction that matched, if it was one. */
    public OptionalInt conjunction() {
      return Stream.of(match.split(",", -1))
          .filter(field -> field.startsWith(CONJUNCTION))
          .mapToInt(field -> Long.decode(field.substring(CONJUNCTION.length())).intValue())
          .findFirst();
    }
  }

  /**
   * A copy of the packet leaves.
   *
   * @param port by which; {@link io.seine.openflow.Ports#IN_PORT} for back by the one it came by
   * @param error why it does not get far, such as that a tunnel's far end has no route; empty if
   *     nothing is wrong
   */
  public record Send(int port, String error) {}

  /** What becomes of the packet. */
  public sealed interface Verdict {}

  /**
   * It leaves.
   *
   * @param tunnelEnd that the pipeline chose for it, if it did
   */
  public record Leaves(Send by, Optional<Ip> tunnelEnd) implements Verdict {}

  /**
   * It goes to the agent and no further.
   *
   * @param userdata says why
   */
  public record ToAgent(Bits userdata) implements Verdict {}

  /**
   * It goes nowhere.
   *
   * @param at the last table on its way
   */
  public record Dropped(Stage at) implements Verdict {}

  /** All tables of the bridge that was asked, in order. */
  public List<Stage> stages() {
    String bridge = passes.getFirst().stages().getFirst().bridge();
    return passes.stream()
        .flatMap(pass -> pass.stages().stream())
        .filter(stage -> stage.bridge().equals(bridge))
        .toList();
  }

  /** The flow that the packet met in a table; the last one, if it came by more than once. */
  public Optional<Stage> in(Table table) {
    return stages().stream()
        .filter(stage -> stage.table() == table.number())
        .reduce((_, last) -> last);
  }

  /** What the packet has in a register, or its connection in its mark or label, at the end. */
  public long value(NamedBits bits) {
    String text = passes.getLast().left().getOrDefault(bits.range().field().ovsName(), "0");
    // The mask, if any, is the switch's and says which bits it has looked at.
    return number(text.replaceFirst("/.*", ""))
        .shiftRight(bits.range().from())
        .and(BigInteger.ONE.shiftLeft(bits.range().width()).subtract(BigInteger.ONE))
        .longValue();
  }

  private static BigInteger number(String text) {
    return text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
  }

  /** User data of all that the agent gets on the way, whatever becomes of the packet. */
  public List<Bits> told() {
    return stages().stream()
        .flatMap(stage -> stage.actions().stream())
        .flatMap(action -> TraceParser.userdata(action).stream())
        .toList();
  }

  /** What the flows that the packet met note for those who read them, in order. */
  public List<Bits> noted() {
    return stages().stream()
        .flatMap(stage -> stage.actions().stream())
        .flatMap(action -> TraceParser.note(action).stream())
        .toList();
  }

  /**
   * What becomes of the packet.
   *
   * @param onlyTold first bytes of user data by which the agent is told of a packet without having
   *     it given to it
   */
  public Verdict verdict(int... onlyTold) {
    Optional<Send> send =
        stages().stream().flatMap(stage -> stage.sends().stream()).reduce((_, last) -> last);
    if (failed()) {
      return new Dropped(last());
    }
    if (send.isPresent()) {
      return new Leaves(send.get(), tunnelEnd());
    }
    return told().stream()
        .filter(userdata -> !(userdata.size() > 0 && contains(onlyTold, userdata.at(0))))
        .<Verdict>map(ToAgent::new)
        .findFirst()
        .orElseGet(() -> new Dropped(last()));
  }

  private boolean failed() {
    return passes.getLast().remarks().stream().anyMatch(r -> r.startsWith("Translation failed"));
  }

  private static boolean contains(int[] values, int value) {
    return java.util.Arrays.stream(values).anyMatch(v -> v == value);
  }

  private Optional<Ip> tunnelEnd() {
    return Stream.of("tun_dst", "tun_ipv6_dst")
        .flatMap(field -> {
          Optional<Ip> first = address(passes.getFirst().packet(), field);
          return address(passes.getLast().left(), field)
              .filter(end -> !first.equals(Optional.of(end)))
              .stream();
        })
        .findFirst();
  }

  private static Optional<Ip> address(Map<String, String> fields, String field) {
    return Optional.ofNullable(fields.get(field))
        .map(Ip::parse)
        .filter(address -> !address.value().isZero());
  }

  /** The last table on the packet's way. */
  public Stage last() {
    return stages().stream()
        .filter(stage -> stage.depth() == 0)
        .reduce((_, last) -> last)
        .orElseThrow();
  }
}
