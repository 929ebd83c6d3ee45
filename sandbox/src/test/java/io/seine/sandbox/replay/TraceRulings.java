package io.seine.sandbox.replay;

import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Direction;
import io.seine.agent.verdict.Effect;
import io.seine.agent.verdict.RuleName;
import io.seine.pipeline.Registers;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.policy.PolicyPacketIn;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.RuleIds;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Verdict;
import io.seine.sandbox.replay.Ruling.Said;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which rules had a say in what a switch did: by the notes of the flows that the packet met, and
 * the register of the one that decided.
 */
record TraceRulings(RuleIds rules) {
  private static final Pattern LABEL = Pattern.compile("label=0x([0-9a-f]+)/");

  /** In one direction; the trace is one in which that is judged. */
  Ruling of(Trace trace, Connection connection, Direction direction) {
    List<Said> inForce = new ArrayList<>();
    List<Said> tried = new ArrayList<>();
    trace.noted().stream()
        .flatMap(note -> PolicyPacketIn.parse(note).stream())
        .filter(said -> said.direction() == facts(direction))
        .forEach(said ->
            (said.dryRun() ? tried : inForce)
                .add(new Said(effect(said.verdict()), name(said.ruleId()))));
    int rule = rule(trace, direction);
    if (rule != 0) {
      // What was denied on its way out has not come to be judged by the other side.
      boolean last = direction == Direction.INGRESS || rule(trace, Direction.INGRESS) == 0;
      boolean denied = last && trace.value(Registers.DENIED) == 1;
      inForce.add(new Said(denied ? Effect.DENY : Effect.ACCEPT, name(rule)));
    }
    return new Ruling(connection, direction, inForce, tried);
  }

  /** The label that a connection is given has the rules of the registers. */
  static void checkLabel(Trace trace) {
    String expected =
        "%x%08x"
            .formatted(rule(trace, Direction.EGRESS), rule(trace, Direction.INGRESS))
            .replaceFirst("^0+", "");
    for (Trace.Pass pass : trace.passes()) {
      Matcher label = LABEL.matcher(pass.datapathActions());
      while (label.find()) {
        if (!label.group(1).equals(expected)) {
          throw new IllegalStateException(
              "the label %s is not %s: %s".formatted(label.group(1), expected, trace));
        }
      }
    }
    boolean labelled =
        trace.passes().stream().anyMatch(pass -> LABEL.matcher(pass.datapathActions()).find());
    if (labelled == expected.isEmpty()) {
      throw new IllegalStateException("the label is not '%s': %s".formatted(expected, trace));
    }
  }

  private static int rule(Trace trace, Direction direction) {
    return (int) trace.value(PolicyTables.of(facts(direction)).rule());
  }

  private static io.seine.pipeline.policy.Direction facts(Direction direction) {
    return io.seine.pipeline.policy.Direction.valueOf(direction.name());
  }

  private static Effect effect(Verdict verdict) {
    return Effect.valueOf(verdict.name());
  }

  private RuleName name(int id) {
    RuleRef rule =
        rules
            .find(id)
            .orElseThrow(() -> new IllegalStateException("no rule has the id %08x".formatted(id)));
    String policy = rule.policy().name();
    return switch (rule.policy().kind()) {
      case NETWORK_POLICY ->
          new RuleName(
              RuleName.NETWORK_POLICY,
              rule.policy().namespace(),
              policy,
              rule.index(),
              rule.name());
      case CLUSTER_NETWORK_POLICY ->
          new RuleName(RuleName.CLUSTER_POLICY, "", policy, rule.index(), rule.name());
      case ISOLATION -> new RuleName(RuleName.ISOLATION, policy, "", rule.index(), rule.name());
    };
  }
}
