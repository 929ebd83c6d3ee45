package io.seine.pipeline.explain;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyDecision;
import io.seine.pipeline.policy.PolicyPacketIn;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PolicyRule;
import io.seine.pipeline.policy.PolicyTables;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Tier;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the flows of policies are for: {@code clause 2 of 3: pods web: app=front, of
 * networkpolicy/web/db ingress rule 0}.
 */
final class PolicyWords {
  /** Of rules with one clause in common, how many are named. */
  private static final int MOST_RULES = 3;

  private final Names names;
  private final Words words;

  PolicyWords(Names names, Words words) {
    this.names = names;
    this.words = words;
  }

  private PolicyNames known() {
    return names.policies();
  }

  /** The direction that a table is for; empty if it is none of those of policies. */
  static Optional<Direction> direction(int table) {
    for (Direction direction : Direction.values()) {
      PolicyTables tables = PolicyTables.of(direction);
      Stream<Table> theirs =
          Stream.concat(
              Stream.of(tables.gate(), tables.peers(), tables.blocks()),
              Stream.of(Tier.values()).map(tables::tier));
      if (theirs.anyMatch(t -> t.number() == table)) {
        return Optional.of(direction);
      }
    }
    return Optional.empty();
  }

  /** Of any of the tables of policies. */
  String of(Flow flow, String who) {
    Direction direction = direction(flow.table()).orElseThrow();
    PolicyTables tables = PolicyTables.of(direction);
    if (flow.table() == tables.gate().number()) {
      return gate(flow, direction);
    }
    if (flow.table() == tables.peers().number()) {
      return other(flow, direction) + " is among " + noted(flow, Registers.PEER_CLASS, direction);
    }
    if (flow.table() == tables.blocks().number()) {
      return other(flow, direction) + " is " + noted(flow, Registers.BLOCK_CLASS, direction);
    }
    List<Action.Conjunction> conjunctions = conjunctions(flow.actions());
    return conjunctions.isEmpty()
        ? verdict(flow, who)
        : "clause %d of %d: %s, of %s"
            .formatted(
                conjunctions.getFirst().clause() + 1,
                conjunctions.getFirst().clauses(),
                fulfilled(flow, direction),
                rules(conjunctions));
  }

  private String gate(Flow flow, Direction direction) {
    String pod = subject(flow, direction);
    if (flow.actions().getLast() instanceof Action.GotoTable go
        && go.table() == PolicyTables.of(direction).past().number()) {
      return pod + " may reach itself";
    }
    return "what %s %s is judged"
        .formatted(pod, direction == Direction.INGRESS ? "receives" : "sends");
  }

  private String subject(Flow flow, Direction direction) {
    Field field =
        direction == Direction.INGRESS
            ? (Field) Registers.OUTPUT_PORT.range().field()
            : Field.IN_PORT;
    return flow.match().get(field).map(m -> words.port((int) m.value().toLong())).orElse("a pod");
  }

  private String other(Flow flow, Direction direction) {
    return address(flow, direction).map(words::address).orElse("anyone");
  }

  private static Optional<FieldMatch> address(Flow flow, Direction direction) {
    return direction == Direction.INGRESS
        ? flow.match().get(Field.IPV4_SRC).or(() -> flow.match().get(Field.IPV6_SRC))
        : flow.match().get(Field.IPV4_DST).or(() -> flow.match().get(Field.IPV6_DST));
  }

  private String noted(Flow flow, NamedBits register, Direction direction) {
    return flow.actions().stream()
        .filter(
            a -> a instanceof Action.SetField set && set.field().equals(register.range().field()))
        .map(a -> inClass(register, direction, (int) ((Action.SetField) a).value().toLong()))
        .findFirst()
        .orElse("in no block with exceptions");
  }

  /** What an address of a class is: {@code pods web: app=front (3 addresses)}. */
  String inClass(NamedBits register, Direction direction, int id) {
    if (register.equals(Registers.PEER_CLASS)) {
      Set<String> sets = new TreeSet<>(known().setsOf(direction, id));
      return sets.isEmpty()
          ? "class %08x".formatted(id)
          : sets.stream().map(this::set).collect(Collectors.joining(" and "));
    }
    Set<Block> blocks = known().blocksOf(direction, id);
    return blocks.isEmpty()
        ? "class %08x".formatted(id)
        : blocks.stream().map(PolicyWords::block).sorted().collect(Collectors.joining(" and "));
  }

  private String set(String name) {
    int size = known().size(name);
    return "%s (%d address%s)".formatted(name, size, size == 1 ? "" : "es");
  }

  static String block(Block block) {
    int most = 3;
    String excepts =
        block.except().stream()
            .sorted()
            .limit(most)
            .map(Object::toString)
            .collect(Collectors.joining(", "));
    int more = block.except().size() - most;
    return "in %s without %s%s"
        .formatted(block.cidr(), excepts, more > 0 ? " and %d more".formatted(more) : "");
  }

  private String fulfilled(Flow flow, Direction direction) {
    Optional<FieldMatch> peer = flow.match().get(Registers.PEER_CLASS.range().field());
    if (peer.isPresent()) {
      return inClass(Registers.PEER_CLASS, direction, (int) peer.get().value().toLong());
    }
    Optional<FieldMatch> block = flow.match().get(Registers.BLOCK_CLASS.range().field());
    if (block.isPresent()) {
      return inClass(Registers.BLOCK_CLASS, direction, (int) block.get().value().toLong());
    }
    Optional<String> port = port(flow);
    if (port.isPresent()) {
      boolean fragments = flow.match().get(Field.IP_FRAG).isPresent();
      return (fragments ? "fragments of " : "to ") + port.get();
    }
    Optional<FieldMatch> address = address(flow, direction);
    if (address.isPresent()) {
      return "%s %s"
          .formatted(direction == Direction.INGRESS ? "from" : "to", words.address(address.get()));
    }
    if (flow.match().get(Field.IN_PORT).isEmpty()
        && flow.match().get(Registers.OUTPUT_PORT.range().field()).isEmpty()) {
      return "anyone";
    }
    return subject(flow, direction) + (direction == Direction.INGRESS ? " receives" : " sends");
  }

  private static Optional<String> port(Flow flow) {
    return Stream.of(Field.TCP_DST, Field.UDP_DST, Field.SCTP_DST)
        .flatMap(field -> flow.match().get(field).stream())
        .findFirst()
        .map(PolicyWords::range)
        .or(() ->
            flow.match()
                .get(Field.IP_PROTO)
                .map(m ->
                    switch ((int) m.value().toLong()) {
                      case 6 -> "TCP";
                      case 17 -> "UDP";
                      case 132 -> "SCTP";
                      default -> "protocol " + m.value().toLong();
                    }));
  }

  private static String range(FieldMatch match) {
    long first = match.value().toLong();
    long free = match.mask().map(Bits::toLong).map(mask -> ~mask & 0xffff).orElse(0L);
    String protocol =
        match.field().ovsName().replaceFirst("_.*", "").toUpperCase(java.util.Locale.ROOT);
    return free == 0
        ? protocol + " " + first
        : "%s %d to %d".formatted(protocol, first, first + free);
  }

  private String verdict(Flow flow, String who) {
    Optional<PolicyDecision.Part> part = PolicyDecision.of(flow);
    if (part.isEmpty()) {
      return "policy " + who;
    }
    PolicyDecision decision = part.get().decision();
    String packets = part.get().opening() ? "connections" : "further packets";
    Optional<RuleRef> rule = known().rule(decision.rule());
    return flow.match().get(Field.CONJ_ID).isPresent()
        ? "%s: %s, %s"
            .formatted(
                says(decision), rule.map(RuleRef::toString).orElse("a rule of " + who), packets)
        : "%s: what no rule of %s allows %s to %s, %s"
            .formatted(
                says(decision),
                rule.map(r -> r.policy().toString()).orElse("a NetworkPolicy"),
                subject(flow, decision.direction()),
                decision.direction() == Direction.INGRESS ? "receive" : "send",
                packets);
  }

  private static String says(PolicyDecision decision) {
    return switch (decision.verdict()) {
      case ACCEPT -> decision.dryRun() ? "would be allowed" : "allowed";
      case DENY -> decision.dryRun() ? "would be denied" : "denied";
      case PASS ->
          decision.dryRun() ? "would skip the rest of the tier" : "skips the rest of the tier";
    };
  }

  /** Which rule a flow notes that has no register for it. */
  Optional<String> noted(Action.Note note) {
    return PolicyPacketIn.parse(note.data())
        .map(n -> known().rule(n.ruleId()).map(r -> "by " + r).orElse("by a rule"));
  }

  static List<Action.Conjunction> conjunctions(List<Action> actions) {
    return actions.stream()
        .filter(Action.Conjunction.class::isInstance)
        .map(Action.Conjunction.class::cast)
        .toList();
  }

  /** The rules that these are clauses of: some by name, the others counted. */
  String rules(List<Action.Conjunction> conjunctions) {
    Set<String> rules = new LinkedHashSet<>();
    int unknown = 0;
    for (Action.Conjunction conjunction : conjunctions) {
      Optional<PolicyRule> rule = known().ruleOfConjunction(conjunction.id());
      if (rule.isPresent()) {
        rules.add(rule.get().ref().toString());
      } else {
        unknown++;
      }
    }
    int more = Math.max(0, rules.size() - MOST_RULES) + unknown;
    if (rules.isEmpty()) {
      return more == 1 ? "a rule" : more + " rules";
    }
    return rules.stream().sorted().limit(MOST_RULES).collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "");
  }

  /** The policies in a flow. */
  Set<Owner> mentions(Flow flow) {
    Set<PolicyRef> policies = new LinkedHashSet<>();
    conjunctions(flow.actions())
        .forEach(
            c -> known().ruleOfConjunction(c.id()).ifPresent(r -> policies.add(r.ref().policy())));
    PolicyDecision.of(flow)
        .flatMap(part -> known().rule(part.decision().rule()))
        .ifPresent(rule -> policies.add(rule.policy()));
    return policies.stream().map(PolicyRef::owner).collect(Collectors.toSet());
  }

  /** A number of a register in words, if it is one of those of policies. */
  Optional<String> value(NamedBits bits, long value) {
    if (value == 0) {
      return Optional.empty();
    }
    if (bits.equals(Registers.EGRESS_RULE) || bits.equals(Registers.INGRESS_RULE)) {
      return known().rule((int) value).map(RuleRef::toString);
    }
    if (bits.equals(Registers.PEER_CLASS) || bits.equals(Registers.BLOCK_CLASS)) {
      return Optional.of("%08x".formatted((int) value));
    }
    return Optional.empty();
  }

  /** Of {@code conj_id}. */
  String met(long id) {
    return known()
        .ruleOfConjunction((int) id)
        .map(rule -> "all clauses of " + rule.ref())
        .orElseGet(() -> "all clauses of conjunction %08x".formatted((int) id));
  }
}
