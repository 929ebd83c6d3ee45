package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Judgement;
import io.seine.cli.flows.WhyPlan.Dead;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.cli.flows.WhyPlan.Route;
import io.seine.cli.flows.WhyView.Seen;
import io.seine.pipeline.Registers;
import io.seine.pipeline.Table;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.Tracer;
import io.seine.pipeline.policy.Direction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Has the switches on the way say what they would do with the first packet of a connection, and
 * holds that against what policies say. For one question, from one thread.
 */
final class WhyTracing {
  private final Function<String, ClusterFacts> facts;
  private final Function<String, Tracer> tracers;
  private final WhyPackets packets;
  private final WhyPicks picks;

  /**
   * @param facts what a node's agent knows, and wants of its switch
   * @param tracers ask the switch of a node
   */
  WhyTracing(Function<String, ClusterFacts> facts, Function<String, Tracer> tracers) {
    this.facts = facts;
    this.tracers = tracers;
    packets = new WhyPackets(facts);
    picks = new WhyPicks(packets, tracers);
  }

  /**
   * What each switch on the way does, up to the one that denies it.
   *
   * @throws IOException if a switch cannot be asked
   */
  List<Seen> trace(Route route, Answer answer) throws IOException {
    List<Seen> all = new ArrayList<>();
    for (Hop hop : route.hops()) {
      Optional<Judgement> egress = hop.egress() ? answer.egress() : Optional.empty();
      Optional<Judgement> ingress = hop.ingress() ? answer.ingress() : Optional.empty();
      all.addAll(seen(hop, egress, ingress));
      if (denies(egress) || denies(ingress)) {
        break;
      }
    }
    return all;
  }

  private static boolean denies(Optional<Judgement> judgement) {
    return judgement.filter(j -> !j.allowed()).isPresent();
  }

  private List<Seen> seen(Hop hop, Optional<Judgement> egress, Optional<Judgement> ingress)
      throws IOException {
    if (hop.pick().isEmpty()) {
      Trace trace = tracers.apply(hop.node()).trace(packets.of(hop, 0));
      return List.of(seen(hop.node(), "", trace, egress, ingress));
    }
    WhyPlan.Pick pick = hop.pick().get();
    WhyPicks.Found found = picks.of(hop);
    List<Seen> all = new ArrayList<>();
    found
        .takeStray()
        .ifPresent(stray ->
            all.add(
                new Seen(
                    hop.node(),
                    "sends it to " + stray,
                    Optional.of(
                        "one of the %d endpoints of the service".formatted(pick.all().size())),
                    true)));
    Optional<Trace> picked = found.of(pick.wanted());
    if (picked.isPresent()) {
      String how =
          found.kept().isPresent() ? " (session affinity keeps the client with this one)" : "";
      all.add(seen(hop.node(), how, picked.get(), egress, ingress));
    } else if (pick.straight().isEmpty()) {
      all.add(Seen.unasked(hop.node(), found.whyNot() + "; not asked about this one"));
    } else {
      Hop straight =
          new Hop(
              hop.node(),
              hop.entry(),
              pick.straight().get(),
              Optional.empty(),
              hop.egress(),
              hop.ingress());
      Trace trace = tracers.apply(hop.node()).trace(packets.of(straight, 0));
      all.add(
          seen(
              hop.node(),
              " (%s; asked as if it were sent straight to this one)".formatted(found.whyNot()),
              trace,
              egress,
              ingress));
    }
    return all;
  }

  /**
   * Whether a service leads as little on as it should.
   *
   * @throws IOException if the switch cannot be asked
   */
  Seen trace(Dead dead) throws IOException {
    Hop hop = dead.hop();
    Trace trace = tracers.apply(hop.node()).trace(packets.of(hop, 0));
    Trace.Verdict verdict = trace.verdict(ToAgent.POLICY);
    boolean agrees =
        switch (verdict) {
          case Trace.ToAgent(var userdata) ->
              dead.refused() && userdata.size() > 0 && userdata.at(0) == ToAgent.REJECT;
          case Trace.Dropped dropped ->
              !dead.refused() && dropped.at().table() == Table.SERVICE_LB.number();
          case Trace.Leaves _ -> false;
        };
    return new Seen(
        hop.node(),
        does(verdict, hop.node()),
        agrees
            ? Optional.empty()
            : Optional.of(dead.refused() ? "the agent refuses it" : "it is dropped at the service"),
        true);
  }

  private Seen seen(
      String node,
      String how,
      Trace trace,
      Optional<Judgement> egress,
      Optional<Judgement> ingress) {
    Trace.Verdict verdict = trace.verdict(ToAgent.POLICY);
    boolean leaves = verdict instanceof Trace.Leaves;
    WhyRules rules = new WhyRules(facts.apply(node).policies());
    Optional<WhyRules.Decided> out = rules.decided(trace, Direction.EGRESS);
    Optional<WhyRules.Decided> in = rules.decided(trace, Direction.INGRESS);
    boolean outDenied = denies(egress);
    boolean allowed = !outDenied && !denies(ingress);
    boolean agrees =
        leaves == allowed
            && (allowed || trace.value(Registers.DENIED) == 1)
            && egress.map(judgement -> rules.fits(judgement, out)).orElse(true)
            && (outDenied || ingress.map(judgement -> rules.fits(judgement, in)).orElse(true));
    return new Seen(
        node,
        does(verdict, node) + WhyRules.words(out, in) + how,
        agrees ? Optional.empty() : Optional.of(expected(egress, ingress)),
        true);
  }

  private static String expected(Optional<Judgement> egress, Optional<Judgement> ingress) {
    List<String> all = new ArrayList<>();
    for (Optional<Judgement> judgement : List.of(egress, ingress)) {
      judgement.ifPresent(j ->
          all.add(
              "%s %s%s"
                  .formatted(
                      j.direction().label(),
                      j.allowed() ? "allowed" : "denied",
                      j.decision().rule().map(rule -> " by " + rule).orElse(" by no rule"))));
    }
    return all.isEmpty() ? "it leaves, as no policy is asked here" : String.join(", ", all);
  }

  private String does(Trace.Verdict verdict, String node) {
    return switch (verdict) {
      case Trace.Leaves leaves when leaves.tunnelEnd().isPresent() ->
          "leaves by the tunnel to " + leaves.tunnelEnd().get();
      case Trace.Leaves leaves -> "leaves by " + port(leaves.by().port(), facts.apply(node));
      case Trace.ToAgent _ -> "goes to the agent, which refuses it";
      case Trace.Dropped dropped ->
          "is dropped in %s (%d)"
              .formatted(Explainer.tableName(dropped.at().table()), dropped.at().table());
    };
  }

  private static String port(int number, ClusterFacts facts) {
    if (number == facts.node().gatewayPort()) {
      return "the node's gateway";
    }
    return facts.pods().stream()
        .filter(pod -> pod.ofport() == number)
        .map(pod -> pod.owner().toString())
        .findFirst()
        .orElse(
            number == io.seine.openflow.Ports.IN_PORT ? "the port it came by" : "port " + number);
  }
}
