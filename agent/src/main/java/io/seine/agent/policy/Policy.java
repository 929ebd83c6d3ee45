package io.seine.agent.policy;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.policy.Block;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.PortRange;
import io.seine.pipeline.policy.Rank;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Tier;
import io.seine.pipeline.policy.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A policy of any kind, checked, and put in one form.
 *
 * @param subject the pods that it is for
 * @param isolates in which directions it denies what it does not allow: none but a NetworkPolicy's
 */
record Policy(
    PolicyRef ref,
    Tier tier,
    Selection subject,
    Set<Direction> isolates,
    boolean dryRun,
    Log log,
    List<Rule> rules) {
  Policy {
    isolates = Set.copyOf(isolates);
    rules = List.copyOf(rules);
  }

  /** Which connections the agent is to be told of. */
  record Log(boolean denied, boolean allowed) {
    static final Log NONE = new Log(false, false);

    /** Passing on decides nothing. */
    boolean of(Verdict verdict) {
      return switch (verdict) {
        case ACCEPT -> allowed;
        case DENY -> denied;
        case PASS -> false;
      };
    }
  }

  record Rule(RuleRef ref, Rank rank, Verdict verdict, Who who, What what) {
    Direction direction() {
      return ref.direction();
    }
  }

  /** Who is at the other end. */
  sealed interface Who {}

  record Anyone() implements Who {}

  /** None of all: nobody. */
  record Some(
      Set<Selection> pods,
      Set<Match> nodes,
      Set<DomainPattern> domains,
      Set<IpPrefix> blocks,
      Set<Block> withExcepts)
      implements Who {
    /** Without domain names. */
    Some(Set<Selection> pods, Set<Match> nodes, Set<IpPrefix> blocks, Set<Block> withExcepts) {
      this(pods, nodes, Set.of(), blocks, withExcepts);
    }

    Some {
      domains = Set.copyOf(domains);
      pods = Set.copyOf(pods);
      nodes = Set.copyOf(nodes);
      blocks = Set.copyOf(blocks);
      withExcepts = Set.copyOf(withExcepts);
    }
  }

  static final Who ANYONE = new Anyone();

  /**
   * Which ports.
   *
   * @param any all of any protocol; then the others are empty
   */
  record What(boolean any, Set<PortRange> numbers, Set<Named> names) {
    static final What ANY = new What(true, Set.of(), Set.of());

    What {
      numbers = Set.copyOf(numbers);
      names = Set.copyOf(names);
    }
  }

  /**
   * A port by the name that the target pod gives it.
   *
   * @param protocol empty: whatever it has there
   */
  record Named(String name, Optional<Protocol> protocol) {
    boolean is(NamedPort port) {
      return port.name().equals(name)
          && (protocol.isEmpty() || protocol.get() == port.range().protocol());
    }
  }
}
