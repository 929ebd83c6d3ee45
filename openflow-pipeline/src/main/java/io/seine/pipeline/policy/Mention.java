package io.seine.pipeline.policy;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.HashSet;
import java.util.Set;

/** Something that a rule mentions: what fulfils a clause of it. */
sealed interface Mention {
  record Subject(PodId pod) implements Mention {}

  record InSet(String set) implements Mention {}

  record InBlock(IpPrefix block) implements Mention {}

  record InRest(Block block) implements Mention {}

  record ToPort(PortRange piece) implements Mention {}

  /** Whatever port a fragment may be for: it is not told. */
  record InFragments(Protocol protocol) implements Mention {}

  /** All that the rule mentions. */
  static Set<Mention> of(InstalledRule installed) {
    Set<Mention> all = new HashSet<>();
    installed.rule().subjects().forEach(pod -> all.add(new Subject(pod)));
    installed.peers().sets().forEach(set -> all.add(new InSet(set)));
    installed.peers().blocks().forEach(block -> all.add(new InBlock(block)));
    installed.peers().withExcepts().forEach(block -> all.add(new InRest(block)));
    installed.ports().forEach(piece -> all.add(new ToPort(piece)));
    if (installed.rule().verdict() == Verdict.DENY) {
      installed.ports().forEach(piece -> all.add(new InFragments(piece.protocol())));
    }
    return all;
  }
}
