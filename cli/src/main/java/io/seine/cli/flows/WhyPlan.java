package io.seine.cli.flows;

import io.seine.agent.verdict.Connection;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The ways that a connection may take.
 *
 * @param dead why none leads on, where one should
 */
record WhyPlan(List<Route> routes, List<Dead> dead, List<String> remarks) {
  WhyPlan {
    routes = List.copyOf(routes);
    dead = List.copyOf(dead);
    remarks = List.copyOf(remarks);
  }

  /**
   * One way.
   *
   * @param leaving as the policies of who opens it see it
   * @param arriving as the policies of who it is to see it
   * @param hops each switch on it, in order; none if it meets no switch
   */
  record Route(
      WhyView.End from, WhyView.End to, Connection leaving, Connection arriving, List<Hop> hops) {
    Route {
      hops = List.copyOf(hops);
    }
  }

  /**
   * A switch that a packet meets.
   *
   * @param packet as it comes there
   * @param pick where the switch is to send it; empty if the packet itself says that
   * @param egress whether the policies on what the source sends are judged here
   * @param ingress the same of what the destination receives
   */
  record Hop(
      String node,
      Entry entry,
      Connection packet,
      Optional<Pick> pick,
      boolean egress,
      boolean ingress) {}

  /** How a packet comes to a switch. */
  sealed interface Entry {
    /** From a pod of the node. */
    record FromPod(WhyParty.Pod pod) implements Entry {}

    /** From the node itself, or from outside by way of it. */
    record FromNode() implements Entry {}

    /** From another node. */
    record FromPeer(String node) implements Entry {}
  }

  /**
   * Where a switch is to send what comes for a service.
   *
   * @param wanted the endpoint that this way is about
   * @param all those that it may pick
   * @param straight the same packet if it had been sent to the endpoint itself; empty if no such
   *     packet comes this way
   */
  record Pick(Endpoint wanted, Set<Endpoint> all, Optional<Connection> straight) {
    Pick {
      all = Set.copyOf(all);
    }
  }

  /**
   * A service that leads nowhere.
   *
   * @param refused whether the agent answers, rather than nobody
   */
  record Dead(String why, Hop hop, boolean refused) {}
}
