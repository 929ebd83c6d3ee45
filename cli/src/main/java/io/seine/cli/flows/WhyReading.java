package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.host.Unixctl;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Evaluator;
import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.explain.Tracer;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import io.seine.sandbox.node.SandboxNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges a connection by what the API has, and asks the switches. Used from one thread. */
final class WhyReading implements WhyTracing.Switches {
  /** Of a service, how many endpoints are looked at. */
  private static final int MOST_ENDPOINTS = 10;

  private final SandboxView view;
  private final Api api;
  private final Map<String, ClusterFacts> facts = new HashMap<>();

  WhyReading(SandboxView view, Api api) {
    this.view = view;
    this.api = api;
  }

  /**
   * Why the connection is allowed or not.
   *
   * @throws IllegalArgumentException if there is nobody of one of the names
   * @throws IOException if a switch cannot be asked
   */
  WhyView why(String from, WhyTarget target) throws IOException {
    WhyCluster cluster = cluster(from);
    WhyParty source = cluster.find(from);
    WhyParty destination = cluster.find(target.name());
    if (source instanceof WhyParty.Service) {
      throw new IllegalArgumentException("a service connects to nobody; its pods do");
    }
    Evaluator evaluator = new Evaluator(cluster.world());
    return destination instanceof WhyParty.Service service
        ? toService(cluster, evaluator, source, service, target)
        : direct(evaluator, source, destination, target);
  }

  private WhyView direct(
      Evaluator evaluator, WhyParty source, WhyParty destination, WhyTarget target)
      throws IOException {
    Ip to =
        destination.addresses().stream()
            .filter(ip -> source.address(ip.family()).isPresent())
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "%s and %s have no addresses of one family"
                        .formatted(source.name(), destination.name())));
    Ip by = WhyTracing.source(source, to.family());
    Connection connection = new Connection(by, to, target.transport(), target.port());
    Answer answer = evaluator.judge(connection);
    WhyView.End start = source.end(by);
    WhyView.End end = destination.end(to);
    return new WhyView(
        start.toString(),
        end.toString(),
        connection.service(),
        source.node().isEmpty() && destination instanceof WhyParty.Pod
            ? "as if the client's address were kept on its way"
            : "",
        List.of(
            new WhyView.Way(
                start,
                end,
                answer,
                new WhyTracing(this).trace(source, destination, connection, answer))));
  }

  private WhyView toService(
      WhyCluster cluster,
      Evaluator evaluator,
      WhyParty source,
      WhyParty.Service service,
      WhyTarget target)
      throws IOException {
    ServiceFact.Port port =
        cluster.services().stream()
            .filter(s -> s.owner().equals(service.owner()))
            .flatMap(s -> s.ports().stream())
            .filter(p ->
                p.port() == target.port()
                    && p.protocol().name().equals(target.transport().name())
                    && source.address(p.family()).isPresent())
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    target.transport() == Transport.ICMP
                        ? "say which port of %s".formatted(service.name())
                        : "%s has no port %s %d"
                            .formatted(service.name(), target.transport(), target.port())));
    Family family = port.family();
    Ip by = WhyTracing.source(source, family);
    Optional<Ip> entrance = service.address(family);
    List<WhyView.Way> ways = new ArrayList<>();
    for (ServiceFact.Endpoint endpoint :
        port.endpoints().stream().sorted().limit(MOST_ENDPOINTS).toList()) {
      Connection real = new Connection(by, endpoint.address(), target.transport(), endpoint.port());
      Answer answer = evaluator.judge(real);
      WhyParty to = cluster.find(endpoint.address().toString());
      Optional<Connection> asked =
          entrance.map(ip -> new Connection(by, ip, target.transport(), target.port()));
      ways.add(
          new WhyView.Way(
              source.end(by),
              to.end(endpoint.address()),
              answer,
              source.node().isEmpty() || asked.isEmpty()
                  ? List.of()
                  : new WhyTracing(this).trace(source, to, asked.get(), answer)));
    }
    int more = port.endpoints().size() - ways.size();
    return new WhyView(
        source.end(by).toString(),
        service.name() + entrance.map(ip -> " (" + ip + ")").orElse(""),
        target.transport() + " " + target.port(),
        (source.node().isEmpty() ? "as if the client's address were kept on its way; " : "")
            + (more > 0 ? "%d more endpoints are not looked at".formatted(more) : ""),
        ways);
  }

  private WhyCluster cluster(String from) {
    try {
      PolicyObjects objects = PolicyObjects.read(api, "");
      String first = view.nodes().getFirst().name();
      WhyCluster named = new WhyCluster(objects, facts(first).services(), false);
      WhyParty source = named.find(from);
      String node = source.node().isEmpty() ? first : source.node();
      boolean isolate = SwitchReading.config(view.node(node)).isolateNamespaces();
      return new WhyCluster(objects, facts(node).services(), isolate);
    } catch (ApiException e) {
      throw new SandboxException("the policies cannot be read", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while reading the API");
    }
  }

  @Override
  public ClusterFacts facts(String name) {
    return facts.computeIfAbsent(
        name,
        _ -> {
          SandboxNode node = view.node(name);
          try {
            return NodeFacts.load(api, SwitchReading.config(node), NodeFacts.database(node));
          } catch (ApiException e) {
            throw new SandboxException("what " + name + " should do is not known", e);
          }
        });
  }

  @Override
  public Tracer tracer(String name) {
    SandboxNode node = view.node(name);
    Unixctl control = new Unixctl(node.ovs().directory(), "ovs-vswitchd");
    return new Tracer(SwitchReading.config(node).bridge(), control::call);
  }
}
