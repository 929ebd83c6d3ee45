package io.seine.cli.flows;

import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.cli.flows.WhyPlan.Hop;
import io.seine.cli.flows.WhyPlan.Route;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the ways a connection may take, by what the API says. For one question. */
final class WhyPlanner {
  private final WhyQuestion question;
  private final WhyParty source;
  private final WhyTarget target;
  private final List<Route> routes = new ArrayList<>();
  private final List<WhyPlan.Dead> dead = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  WhyPlanner(WhyQuestion question) {
    this.question = question;
    source = question.source();
    target = question.target();
  }

  /**
   * The ways to a destination.
   *
   * @throws IllegalArgumentException if there can be none, and why
   */
  WhyPlan to(WhyParty destination) {
    if (source instanceof WhyParty.Service) {
      throw new IllegalArgumentException("a service connects to nobody; its pods do");
    }
    WhyServices services = new WhyServices(question);
    switch (destination) {
      case WhyParty.Service service -> add(services.to(service));
      case WhyParty.Node node -> {
        Optional<WhyPlan> served = services.toNode(node);
        if (served.isPresent()) {
          add(served.get());
        } else {
          direct(node);
        }
      }
      case WhyParty other -> direct(other);
    }
    return new WhyPlan(routes, dead, remarks.stream().distinct().toList());
  }

  private void add(WhyPlan plan) {
    routes.addAll(plan.routes());
    dead.addAll(plan.dead());
    remarks.addAll(plan.remarks());
  }

  private void direct(WhyParty destination) {
    for (Family family : Family.values()) {
      Optional<Ip> from = fromOf(source, destination, family);
      Optional<Ip> to = destination.to(family);
      if (from.isPresent() && to.isPresent()) {
        routes.add(straight(source, destination, connection(from.get(), to.get(), destination)));
      }
    }
    if (routes.isEmpty()) {
      throw new IllegalArgumentException(
          "%s and %s have no addresses of one family".formatted(source.name(), destination.name()));
    }
    if (routes.stream().allMatch(route -> route.hops().isEmpty())) {
      remarks.add(
          source.equals(destination)
              ? "what it sends to itself meets no switch"
              : "neither end is a pod, so no switch of Seine's sees it");
    } else if (source instanceof WhyParty.Outside) {
      remarks.add("as if the client's address were kept on its way");
    }
  }

  /** A node comes to pods by its gateway address, and to the rest of the world by its own. */
  private static Optional<Ip> fromOf(WhyParty source, WhyParty destination, Family family) {
    return source instanceof WhyParty.Node && !(destination instanceof WhyParty.Pod)
        ? source.to(family)
        : source.from(family);
  }

  private Connection connection(Ip from, Ip to, WhyParty destination) {
    if (target.ping()) {
      return new Connection(from, to, Transport.ICMP, 0);
    }
    if (target.number().isPresent()) {
      return new Connection(
          from, to, target.transport().orElse(Transport.TCP), target.number().getAsInt());
    }
    if (destination instanceof WhyParty.Pod pod) {
      return pod.pod().ports().stream()
          .filter(p -> target.means(p.port(), p.name(), p.protocol()))
          .findFirst()
          .map(p -> new Connection(from, to, Transport.valueOf(p.protocol()), p.port()))
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "no container of %s has a %s".formatted(pod.name(), target.service())));
    }
    throw new IllegalArgumentException(
        "%s has no ports with names; say a number".formatted(destination.name()));
  }

  /** The way of a packet that is sent to who is meant itself. */
  static Route straight(WhyParty source, WhyParty destination, Connection connection) {
    return new Route(
        source.end(connection.source()),
        destination.end(connection.destination()),
        connection,
        connection,
        hops(source, destination, connection));
  }

  private static List<Hop> hops(WhyParty source, WhyParty destination, Connection connection) {
    boolean toPod = destination instanceof WhyParty.Pod;
    boolean same = source.node().equals(destination.node());
    List<Hop> hops = new ArrayList<>();
    if (source instanceof WhyParty.Pod from) {
      if (connection.source().equals(connection.destination())) {
        return List.of();
      }
      hops.add(
          new Hop(
              from.node(),
              new Entry.FromPod(from),
              connection,
              Optional.empty(),
              true,
              toPod && same));
    } else if (source instanceof WhyParty.Node && toPod) {
      hops.add(
          new Hop(source.node(), new Entry.FromNode(), connection, Optional.empty(), false, same));
    }
    if (toPod && !same) {
      hops.add(arriving(source.node(), (WhyParty.Pod) destination, connection));
    }
    return hops;
  }

  /**
   * The packet at the node of the pod that it is to.
   *
   * @param from the node that it comes from; empty if from outside
   */
  static Hop arriving(String from, WhyParty.Pod pod, Connection connection) {
    return new Hop(
        pod.node(),
        from.isEmpty() ? new Entry.FromNode() : new Entry.FromPeer(from),
        connection,
        Optional.empty(),
        false,
        true);
  }
}
