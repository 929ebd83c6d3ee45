package io.seine.cli.flows;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.host.Unixctl;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.verdict.Answer;
import io.seine.agent.verdict.Evaluator;
import io.seine.openflow.Ip;
import io.seine.pipeline.explain.Tracer;
import io.seine.sandbox.NodeDatabase;
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
final class WhyReading implements WhyCluster.Nodes {
  /** How many ways the switches are asked about: some seconds' worth. */
  private static final int MOST_TRACED = 50;

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
   * @param via the node by which comes what is from outside; empty for any
   * @throws IllegalArgumentException if there is nobody of one of the names, or no way
   * @throws IOException if a switch cannot be asked
   */
  WhyView why(String from, WhyTarget target, String via) throws IOException {
    WhyCluster cluster = cluster();
    WhyParty source = cluster.find(from);
    WhyParty destination = cluster.find(target.name());
    WhyPlan plan = new WhyPlanner(new WhyQuestion(cluster, source, target, via)).to(destination);
    Evaluator evaluator = new Evaluator(cluster.world(domains(source)));
    WhyTracing tracing = new WhyTracing(this::facts, this::tracer);
    List<WhyView.Way> ways = new ArrayList<>();
    for (WhyPlan.Route route : plan.routes()) {
      Answer answer =
          new Answer(
              route.arriving(),
              evaluator.judge(route.leaving()).egress(),
              evaluator.judge(route.arriving()).ingress());
      List<WhyView.Seen> seen =
          ways.size() < MOST_TRACED
              ? tracing.trace(route, answer)
              : List.of(
                  WhyView.Seen.unasked(
                      route.hops().getFirst().node(),
                      "only asked about the first %d endpoints".formatted(MOST_TRACED)));
      ways.add(new WhyView.Way(route.from(), route.to(), answer, seen));
    }
    List<WhyView.Failure> failures = new ArrayList<>();
    for (WhyPlan.Dead dead : plan.dead()) {
      failures.add(new WhyView.Failure(dead.why(), List.of(tracing.trace(dead))));
    }
    return new WhyView(
        source.end(), destination.end(), target.service(), plan.remarks(), ways, failures);
  }

  private Map<String, List<Ip>> domains(WhyParty source) {
    return source.node().isEmpty() ? Map.of() : facts(source.node()).policies().domains();
  }

  private WhyCluster cluster() {
    try {
      PolicyObjects objects = PolicyObjects.read(api, "");
      boolean isolate = SwitchReading.config(view.nodes().getFirst()).isolateNamespaces();
      return new WhyCluster(objects, api.services(), api.slices(), isolate, this);
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
            return NodeFacts.load(api, SwitchReading.config(node), NodeDatabase.read(node));
          } catch (ApiException e) {
            throw new SandboxException("what " + name + " should do is not known", e);
          }
        });
  }

  @Override
  public boolean masquerades(String node) {
    return SwitchReading.config(view.node(node)).masquerade();
  }

  @Override
  public Optional<String> phase(ObjectKey key) {
    try {
      Pod pod = api.client().pods().inNamespace(key.namespace()).withName(key.name()).get();
      return Optional.ofNullable(pod)
          .map(p ->
              p.getStatus() == null || p.getStatus().getPhase() == null
                  ? "not scheduled"
                  : p.getStatus().getPhase());
    } catch (KubernetesClientException e) {
      throw new SandboxException("pod %s cannot be read".formatted(key), e);
    }
  }

  private Tracer tracer(String name) {
    SandboxNode node = view.node(name);
    Unixctl control = new Unixctl(node.ovs().directory(), "ovs-vswitchd");
    return new Tracer(SwitchReading.config(node).bridge(), control::call);
  }
}
