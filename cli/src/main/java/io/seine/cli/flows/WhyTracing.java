package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Judgement;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyView.Seen;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NamedBits;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.ToAgent;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.explain.Trace;
import io.seine.pipeline.explain.TracedPacket;
import io.seine.pipeline.explain.Tracer;
import io.seine.pipeline.policy.Direction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Has the switches on the way say what they would do with the first packet of a connection, and
 * holds that against what policies say.
 */
final class WhyTracing {
  private static final int SOURCE_PORT = 40_000;

  /** Beyond the number of endpoints, how often to try until a service gives the one looked for. */
  private static final int TRIES = 64;

  private final Switches switches;

  /** The nodes' switches. */
  interface Switches {
    /** What a node's agent knows, and wants of its switch. */
    ClusterFacts facts(String node);

    /** Asks the switch of a node. */
    Tracer tracer(String node);
  }

  WhyTracing(Switches switches) {
    this.switches = switches;
  }

  /**
   * What each switch on the way does.
   *
   * @param asked what the source connects to: the destination of the connection, or a service
   * @throws IOException if a switch cannot be asked
   */
  List<Seen> trace(WhyParty source, WhyParty destination, Connection asked, Answer answer)
      throws IOException {
    List<Seen> seen = new ArrayList<>();
    Connection real = answer.connection();
    if (!source.node().isEmpty()) {
      Optional<Trace> left = first(source, destination, asked, real);
      if (left.isEmpty()) {
        return List.of(
            new Seen(
                source.node(),
                "picks other endpoints in %d tries; not confirmed".formatted(TRIES),
                Optional.empty()));
      }
      boolean same = source.node().equals(destination.node());
      seen.add(
          seen(
              source.node(),
              left.get(),
              answer.egress(),
              same ? answer.ingress() : Optional.empty()));
      if (same
          || destination.node().isEmpty()
          || destination instanceof WhyParty.Node
          || answer.egress().filter(judgement -> !judgement.allowed()).isPresent()) {
        return seen;
      }
    }
    if (destination instanceof WhyParty.Pod pod) {
      seen.add(
          seen(
              pod.node(),
              switches.tracer(pod.node()).trace(arriving(source, pod, real)),
              Optional.empty(),
              answer.ingress()));
    }
    return seen;
  }

  /** The packet as it starts, in the trace that leads to the real destination. */
  private Optional<Trace> first(
      WhyParty source, WhyParty destination, Connection asked, Connection real) throws IOException {
    Tracer tracer = switches.tracer(source.node());
    if (asked.equals(real)) {
      return Optional.of(tracer.trace(leaving(source, destination, asked, SOURCE_PORT)));
    }
    for (int i = 1; i <= TRIES; i++) {
      Trace trace = tracer.trace(leaving(source, destination, asked, SOURCE_PORT + i).withSlot(i));
      if (leadsTo(trace, real)) {
        return Optional.of(trace);
      }
    }
    return Optional.empty();
  }

  private static boolean leadsTo(Trace trace, Connection real) {
    boolean v4 = real.destination().family() == Family.IPV4;
    var end = trace.passes().getLast().left();
    String address = Objects.requireNonNullElse(end.get(v4 ? "nw_dst" : "ipv6_dst"), "");
    return address.equals(real.destination().toString())
        && Objects.requireNonNullElse(end.get("tp_dst"), "").equals(String.valueOf(real.port()));
  }

  private TracedPacket leaving(
      WhyParty source, WhyParty destination, Connection connection, int port) {
    ClusterFacts facts = switches.facts(source.node());
    TracedPacket.Payload payload = payload(connection, port);
    Mac gateway = facts.node().gatewayMac();
    if (source instanceof WhyParty.Pod pod) {
      LocalPod local = local(facts, pod);
      boolean neighbour =
          connection.destination().family() == Family.IPV4
              && destination instanceof WhyParty.Pod to
              && to.node().equals(pod.node())
              && to.addresses().contains(connection.destination());
      return new TracedPacket(
          local.ofport(),
          local.mac(),
          neighbour ? local(facts, (WhyParty.Pod) destination).mac() : gateway,
          connection.source(),
          connection.destination(),
          payload);
    }
    return new TracedPacket(
        facts.node().gatewayPort(),
        gateway,
        destination instanceof WhyParty.Pod to && to.node().equals(source.node())
            ? local(facts, to).mac()
            : Addresses.ROUTER_MAC,
        connection.source(),
        connection.destination(),
        payload);
  }

  /** The packet as it comes to the destination's node: by the tunnel, or from outside. */
  private TracedPacket arriving(WhyParty source, WhyParty.Pod pod, Connection real) {
    ClusterFacts there = switches.facts(pod.node());
    TracedPacket.Payload payload = payload(real, SOURCE_PORT);
    if (source.node().isEmpty()) {
      return new TracedPacket(
          there.node().gatewayPort(),
          there.node().gatewayMac(),
          local(there, pod).mac(),
          real.source(),
          real.destination(),
          payload);
    }
    ClusterFacts here = switches.facts(source.node());
    return new TracedPacket(
            there.node().tunnelPort(),
            here.node().gatewayMac(),
            Addresses.ROUTER_MAC,
            real.source(),
            real.destination(),
            payload)
        .by(
            there.node().tunnelPort(),
            new TracedPacket.Tunnel(here.node().nodeAddress(), there.node().nodeAddress()));
  }

  private static LocalPod local(ClusterFacts facts, WhyParty.Pod pod) {
    return facts.pods().stream()
        .filter(p ->
            p.namespace().equals(pod.pod().key().namespace())
                && p.name().equals(pod.pod().key().name()))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException("%s has no port on %s".formatted(pod.name(), pod.node())));
  }

  private static TracedPacket.Payload payload(Connection connection, int from) {
    return connection.transport() == Transport.ICMP
        ? new TracedPacket.Ping()
        : new TracedPacket.Ports(
            Protocol.valueOf(connection.transport().name()), from, connection.port());
  }

  private Seen seen(
      String node, Trace trace, Optional<Judgement> egress, Optional<Judgement> ingress) {
    ClusterFacts facts = switches.facts(node);
    Trace.Verdict verdict = trace.verdict(ToAgent.POLICY);
    boolean leaves = verdict instanceof Trace.Leaves;
    WhyRules rules = new WhyRules(facts.policies());
    Optional<WhyRules.Decided> out = rules.decided(trace, Direction.EGRESS);
    Optional<WhyRules.Decided> in = rules.decided(trace, Direction.INGRESS);
    boolean allowed =
        egress.map(Judgement::allowed).orElse(true) && ingress.map(Judgement::allowed).orElse(true);
    boolean outDenied = egress.filter(judgement -> !judgement.allowed()).isPresent();
    boolean agrees =
        leaves == allowed
            && (allowed || flag(trace, Registers.DENIED))
            && egress.map(judgement -> rules.fits(judgement, out)).orElse(true)
            && (outDenied || ingress.map(judgement -> rules.fits(judgement, in)).orElse(true));
    String by = WhyRules.words(out, in);
    return new Seen(
        node,
        does(verdict, facts) + by,
        agrees ? Optional.empty() : Optional.of(expected(egress, ingress)));
  }

  private static boolean flag(Trace trace, NamedBits bit) {
    return trace.value(bit) == 1;
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

  private static String does(Trace.Verdict verdict, ClusterFacts facts) {
    return switch (verdict) {
      case Trace.Leaves leaves when leaves.tunnelEnd().isPresent() ->
          "leaves by the tunnel to " + leaves.tunnelEnd().get();
      case Trace.Leaves leaves -> "leaves by " + port(leaves.by().port(), facts);
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

  static Ip source(WhyParty party, Family family) {
    return party
        .address(family)
        .orElseThrow(() ->
            new IllegalArgumentException("%s has no %s address".formatted(party.name(), family)));
  }
}
