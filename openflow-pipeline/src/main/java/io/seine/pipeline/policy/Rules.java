package io.seine.pipeline.policy;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The rules, and what each of them mentions. */
final class Rules {
  private final RuleIds ids;
  private final PeerClasses peers;
  private final Map<Direction, BlockClasses> regions;
  private final Consumer<Term> changed;
  private final Map<PolicyRule.Key, InstalledRule> rules = new HashMap<>();
  private final Users<PolicyRef> byPolicy = new Users<>();
  private final Users<Mention> byMention = new Users<>();
  private final Map<Tier, Map<Direction, RankOrder>> orders = new EnumMap<>(Tier.class);

  Rules(
      RuleIds ids,
      PeerClasses peers,
      Map<Direction, BlockClasses> regions,
      Consumer<Term> changed) {
    this.ids = ids;
    this.peers = peers;
    this.regions = regions;
    this.changed = changed;
    for (Tier tier : Tier.values()) {
      Map<Direction, RankOrder> both = new EnumMap<>(Direction.class);
      for (Direction direction : Direction.values()) {
        both.put(direction, new RankOrder(this::touch));
      }
      orders.put(tier, both);
    }
  }

  Optional<PolicyRule> find(PolicyRule.Key key) {
    return Optional.ofNullable(rules.get(key)).map(InstalledRule::rule);
  }

  Set<InstalledRule> of(PolicyRef policy) {
    return byPolicy.of(policy);
  }

  Set<InstalledRule> of(PodId subject) {
    return byMention.of(new Mention.Subject(subject));
  }

  Set<InstalledRule> of(IpPrefix block) {
    return byMention.of(new Mention.InBlock(block));
  }

  Set<InstalledRule> of(PortRange piece) {
    return byMention.of(new Mention.ToPort(piece));
  }

  Set<InstalledRule> ofFragments(Protocol protocol) {
    return byMention.of(new Mention.InFragments(protocol));
  }

  void put(PolicyRule rule) {
    InstalledRule installed = rules.get(rule.key());
    if (installed == null) {
      add(rule);
    } else if (!rule.equals(installed.rule())) {
      replace(installed, rule);
    }
  }

  private void add(PolicyRule rule) {
    PolicyRule.Key key = rule.key();
    InstalledRule installed =
        new InstalledRule(rule, ids.acquireConjunction(key), ids.acquire(rule.ref()));
    rules.put(key, installed);
    order(installed, RankOrder::add);
    byPolicy.add(rule.ref().policy(), installed);
    changed.accept(new Term.Verdicts(rule.ref().policy()));
    Mention.of(installed).forEach(mention -> attach(installed, mention));
  }

  private void replace(InstalledRule installed, PolicyRule rule) {
    PolicyRule old = installed.rule();
    Set<Mention> before = Mention.of(installed);
    boolean could = installed.canMatch();
    int dimensions = installed.dimensions();
    int priority = installed.priority();
    boolean reordered = old.tier() != rule.tier() || !old.rank().equals(rule.rank());
    if (reordered) {
      order(installed, RankOrder::remove);
      installed.displace();
    }
    installed.rule(rule);
    if (reordered) {
      order(installed, RankOrder::add);
    }
    Set<Mention> now = Mention.of(installed);
    // First what is new, so that what both have in common is not forgotten in between.
    now.stream().filter(m -> !before.contains(m)).forEach(m -> attach(installed, m));
    before.stream().filter(m -> !now.contains(m)).forEach(m -> detach(installed, m));
    if (could != installed.canMatch()
        || dimensions != installed.dimensions()
        || old.tier() != rule.tier()
        || priority != installed.priority()
        || old.dryRun() != rule.dryRun()) {
      touch(installed);
    } else if (old.verdict() != rule.verdict() || old.log() != rule.log()) {
      changed.accept(new Term.Verdicts(rule.ref().policy()));
    }
  }

  void remove(PolicyRule.Key key) {
    InstalledRule installed = rules.remove(key);
    if (installed == null) {
      return;
    }
    order(installed, RankOrder::remove);
    Mention.of(installed).forEach(mention -> detach(installed, mention));
    byPolicy.remove(key.ref().policy(), installed);
    changed.accept(new Term.Verdicts(key.ref().policy()));
    ids.releaseConjunction(key);
    ids.release(key.ref());
  }

  private void order(InstalledRule rule, BiConsumer<RankOrder, InstalledRule> how) {
    if (rule.rule().tier() == Tier.NETWORK_POLICY) {
      rule.place(Precedence.NETWORK_POLICY);
    } else {
      Map<Direction, RankOrder> both = Objects.requireNonNull(orders.get(rule.rule().tier()));
      how.accept(Objects.requireNonNull(both.get(rule.rule().direction())), rule);
    }
  }

  private void attach(InstalledRule rule, Mention mention) {
    switch (mention) {
      case Mention.InSet(String set) -> peers.use(set, rule);
      case Mention.InRest(Block block) -> regions(rule).use(block, rule);
      default -> {
        byMention.add(mention, rule);
        touch(rule, mention);
      }
    }
  }

  private void detach(InstalledRule rule, Mention mention) {
    switch (mention) {
      case Mention.InSet(String set) -> peers.leave(set, rule);
      case Mention.InRest(Block block) -> regions(rule).leave(block, rule);
      default -> {
        byMention.remove(mention, rule);
        touch(rule, mention);
      }
    }
  }

  /** All flows that have to do with the rule may be others. */
  private void touch(InstalledRule rule) {
    changed.accept(new Term.Verdicts(rule.rule().ref().policy()));
    Mention.of(rule).forEach(mention -> touch(rule, mention));
  }

  private void touch(InstalledRule rule, Mention mention) {
    switch (mention) {
      case Mention.Subject(PodId pod) -> changed.accept(new Term.Pod(pod));
      case Mention.InSet(String set) -> peers.touch(set, rule);
      case Mention.InBlock(IpPrefix block) -> changed.accept(new Term.Block(block));
      case Mention.InRest(Block block) -> regions(rule).touch(block);
      case Mention.ToPort(PortRange piece) -> changed.accept(new Term.Port(piece));
      case Mention.InFragments(Protocol protocol) -> changed.accept(new Term.Fragments(protocol));
    }
  }

  private BlockClasses regions(InstalledRule rule) {
    return Objects.requireNonNull(regions.get(rule.rule().direction()));
  }
}
