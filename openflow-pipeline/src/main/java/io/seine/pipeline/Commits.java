package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What Commit does: the verdicts of policies take effect here, and connections are recorded with
 * the rules that decided.
 *
 * <p>A new connection that is denied leaves nothing behind. One that is recorded, since it was
 * allowed once or since a service had to translate it, is marked, so that its answers are dropped
 * too; when its opening side is allowed again, the mark goes. What the agent sends as a probe ends
 * here.
 */
final class Commits {
  private Commits() {}

  static void base(LocalNode.Network network, List<Flow> flows) {
    Family family = network.family();
    denied(family, flows);
    flows.add(
        rule(216, family).when(Registers.PROBE.is(1)).when(CtMarks.DENIED.is(1)).then(note(false)));
    flows.add(rule(215, family).when(Registers.PROBE.is(1)).drop());
    flows.add(rule(210, family).when(CtMarks.DENIED.is(1)).then(allowAgain()));
    for (ServiceFact.Protocol protocol : ServiceFact.Protocol.values()) {
      flows.add(ownPort(network.gateway(), protocol));
    }
    flows.add(
        rule(200, family)
            .state(Rule.NEW, 0)
            .when(CtMarks.SERVICE.is(0))
            .when(CtMarks.RECORDED.is(0))
            .then(record(Optional.empty())));
    flows.add(
        rule(190, family)
            .state(Rule.NEW, 0)
            .when(CtMarks.SERVICE.is(1))
            .when(CtMarks.RECORDED.is(0))
            .when(Registers.LABELLED.is(1))
            .then(record(Optional.empty())));
  }

  private static Rule rule(int priority, Family family) {
    return Rule.in(Table.COMMIT, priority).ip(family);
  }

  private static void denied(Family family, List<Flow> flows) {
    flows.add(rule(240, family).when(Registers.DENIED.is(1)).when(CtMarks.DENIED.is(1)).drop());
    flows.add(
        rule(230, family)
            .when(Registers.DENIED.is(1))
            .state(Rule.NEW, 0)
            .when(CtMarks.SERVICE.is(0))
            .when(CtMarks.RECORDED.is(0))
            .drop());
    flows.add(rule(220, family).when(Registers.DENIED.is(1)).then(note(true)));
  }

  /**
   * What the node's own processes send with the gateway's address is recorded as translated to it:
   * see {@link SourceNat}. Of an answered connection Conntrack does the translation; of one without
   * an answer the kernel's connection tracking does it only when it is asked like this.
   */
  private static Flow ownPort(Ip gateway, ServiceFact.Protocol protocol) {
    return Rule.in(Table.COMMIT, 205)
        .from(Side.GATEWAY)
        .source(gateway)
        .protocol(protocol)
        .state(Rule.NEW, 0)
        .when(CtMarks.SERVICE.is(0))
        .then(record(Optional.of(Action.Nat.source(gateway.value()))));
  }

  private static Action record(Optional<Action.Nat> nat) {
    return Rule.commit(Zones.MAIN, Table.SNAT, nat, marks(CtMarks.RECORDED.set(1)));
  }

  private static Action allowAgain() {
    return Rule.commit(Zones.MAIN, Table.SNAT, Optional.empty(), marks(CtMarks.DENIED.set(0)));
  }

  private static Action note(boolean denied) {
    return Rule.commit(Zones.MAIN, List.of(marks(CtMarks.DENIED.set(denied ? 1 : 0))));
  }

  private static Action[] marks(Action mark) {
    List<Action> all = new ArrayList<>(CtLabels.set());
    all.addFirst(mark);
    return all.toArray(Action[]::new);
  }
}
