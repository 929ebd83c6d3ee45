package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Match;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A 64-bit hash of the content of flows and groups: the same for equal values, in every run and on
 * every machine, so that it may be written into the switch and compared after a restart.
 *
 * <p>A change of what is hashed, or how, makes every agent rewrite every flow once at its next
 * upgrade; a test pins some values.
 */
public final class Fingerprint {
  private static final long M1 = 0x9e3779b97f4a7c15L;
  private static final long M2 = 0xbf58476d1ce4e5b9L;
  private static final long M3 = 0x94d049bb133111ebL;

  private long state = 0x5e1e5e1e5e1e5e1eL;

  private Fingerprint() {}

  /** Of what makes a flow the entry it is: table, priority and match. */
  public static long of(Flow.Key key) {
    return new Fingerprint().key(key.table(), key.priority(), key.match()).end();
  }

  /** Of the whole flow. */
  public static long of(Flow flow) {
    return new Fingerprint()
        .key(flow.table(), flow.priority(), flow.match())
        .actions(flow.actions())
        .end();
  }

  /** Of a group without its id; the order of its buckets, which means nothing, is left out. */
  public static long of(Group group) {
    Fingerprint print = new Fingerprint();
    print.add(group.type().name()).add(group.selection().isPresent() ? 1 : 0);
    group.selection().ifPresent(s -> print.add(s.method()).add(s.param()).fields(s.fields()));
    List<Group.Bucket> sorted = new ArrayList<>(group.buckets());
    sorted.sort(Comparator.comparingInt(Group.Bucket::id));
    print.add(sorted.size());
    for (Group.Bucket bucket : sorted) {
      print.add(bucket.id()).add(bucket.weight()).actions(bucket.actions());
    }
    return print.end();
  }

  /** Of words in an order. */
  public static long of(String... words) {
    Fingerprint print = new Fingerprint();
    for (String word : words) {
      print.add(word);
    }
    return print.end();
  }

  private Fingerprint key(int table, int priority, Match match) {
    return add(table).add(priority).fields(match.fields());
  }

  private Fingerprint fields(Collection<FieldMatch> fields) {
    add(fields.size());
    for (FieldMatch field : fields) {
      add(field.field()).add(field.value()).add(field.mask());
    }
    return this;
  }

  private Fingerprint actions(List<Action> actions) {
    add(actions.size());
    actions.forEach(this::action);
    return this;
  }

  private void action(Action action) {
    switch (action) {
      case Action.Output a -> add(1).add(a.port());
      case Action.OutputReg a -> add(2).add(a.source()).add(a.maxLen());
      case Action.Group a -> add(3).add(a.groupId());
      case Action.SetField a -> add(4).add(a.field()).add(a.value()).add(a.mask());
      case Action.Move a -> add(5).add(a.source()).add(a.target());
      case Action.DecTtl a -> add(6);
      case Action.Resubmit a -> add(7).add(a.table()).add(a.inPort());
      case Action.CtClear a -> add(8);
      case Action.Ct a -> ct(a);
      case Action.Learn a -> learn(a);
      case Action.Conjunction a -> add(11).add(a.id()).add(a.clause()).add(a.clauses());
      case Action.Controller a ->
          add(12)
              .add(a.maxLen())
              .add(a.controllerId())
              .add(a.reason())
              .add(a.userdata())
              .add(a.pause() ? 1 : 0)
              .add(a.meterId());
      case Action.Note a -> add(13).add(a.data());
      case Action.PushVlan a -> add(14).add(a.etherType());
      case Action.PopVlan a -> add(15);
      case Action.GotoTable a -> add(16).add(a.table());
      case Action.Meter a -> add(17).add(a.meterId());
      case Action.Unknown a -> add(18).add(a.kind()).add(a.raw());
    }
  }

  private void ct(Action.Ct a) {
    add(9).add(a.commit() ? 1 : 0).add(a.force() ? 1 : 0).add(a.table());
    switch (a.zone()) {
      case Action.Zone.Fixed zone -> add(1).add(zone.zone());
      case Action.Zone.FromField zone -> add(2).add(zone.source());
    }
    add(a.nat().isPresent() ? 1 : 0);
    a.nat()
        .ifPresent(n ->
            add(n.kind().name())
                .add(n.flags())
                .add(n.minAddress())
                .add(n.maxAddress())
                .add(n.minPort())
                .add(n.maxPort()));
    add(a.alg()).actions(a.exec());
  }

  private void learn(Action.Learn a) {
    add(10)
        .add(a.idleTimeout())
        .add(a.hardTimeout())
        .add(a.priority())
        .add(a.cookie())
        .add(a.flags())
        .add(a.table())
        .add(a.finIdleTimeout())
        .add(a.finHardTimeout())
        .add(a.specs().size());
    for (Action.LearnSpec spec : a.specs()) {
      switch (spec) {
        case Action.LearnSpec.MatchField s -> add(1).add(s.source()).add(s.target());
        case Action.LearnSpec.MatchValue s -> add(2).add(s.value()).add(s.target());
        case Action.LearnSpec.LoadField s -> add(3).add(s.source()).add(s.target());
        case Action.LearnSpec.LoadValue s -> add(4).add(s.value()).add(s.target());
        case Action.LearnSpec.OutputField s -> add(5).add(s.source());
      }
    }
  }

  private Fingerprint add(FieldId field) {
    return add((long) field.oxmClass() << 16 | field.number());
  }

  private Fingerprint add(BitRange range) {
    return add(range.field()).add(range.from()).add(range.to());
  }

  private Fingerprint add(Optional<Bits> bits) {
    bits.ifPresentOrElse(this::add, () -> add(-1));
    return this;
  }

  private Fingerprint add(OptionalInt value) {
    return value.isPresent() ? add(1).add(value.getAsInt()) : add(0);
  }

  private Fingerprint add(Bits bits) {
    add(bits.size());
    long word = 0;
    for (int i = 0; i < bits.size(); i++) {
      word = word << 8 | bits.at(i);
      if ((i & 7) == 7) {
        add(word);
        word = 0;
      }
    }
    return add(word);
  }

  private Fingerprint add(String text) {
    add(text.length());
    for (int i = 0; i < text.length(); i++) {
      add(text.charAt(i));
    }
    return this;
  }

  private Fingerprint add(long value) {
    state = Long.rotateLeft(state ^ value * M1, 27) * M2 + M3;
    return this;
  }

  private long end() {
    long z = state;
    z = (z ^ z >>> 30) * M2;
    z = (z ^ z >>> 27) * M3;
    return z ^ z >>> 31;
  }
}
