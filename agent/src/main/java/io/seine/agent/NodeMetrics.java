package io.seine.agent;

import io.seine.agent.facts.PolicyView;
import io.seine.agent.kube.InformerState;
import io.seine.agent.metrics.AgentMetrics;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The metrics that are read off the running parts when Prometheus asks. */
final class NodeMetrics {
  private static final List<String> KINDS =
      List.of(
          "nodes",
          "services",
          "endpointslices",
          "pods",
          "namespaces",
          "networkpolicies",
          "clusternetworkpolicies");

  private NodeMetrics() {}

  static void register(AgentMetrics to, NodeAgent agent) {
    switchState(to, agent);
    to.gauge("seine.agent.nodes", "Peer nodes", "", "", () -> agent.counts().peers());
    to.gauge("seine.agent.services", "Services", "", "", () -> agent.counts().services());
    to.gauge(
        "seine.agent.services.left",
        "Services left to another proxy",
        "",
        "",
        () -> agent.counts().leftAlone());
    to.gauge(
        "seine.agent.services.diverted",
        "Ports and addresses whose traffic from outside the host hands to the switch",
        "",
        "",
        () -> agent.services().diversions());
    to.gauge(
        "seine.agent.services.health.checks",
        "Health check ports of services that are answered",
        "",
        "",
        () -> agent.services().healthChecks());
    for (String reason : ServiceStatus.REASONS) {
      to.gauge(
          "seine.agent.services.refused",
          "What is not served of services as it stands, by why",
          "reason",
          reason,
          () -> ServiceStatus.count(agent, reason));
    }
    policies(to, agent);
    to.gauge(
        "seine.agent.problems",
        "Objects that are not served as they stand",
        "",
        "",
        () -> agent.counts().problems());
    to.gauge("seine.agent.pods", "Pods connected on this node", "", "", agent::pods);
    to.gauge(
        "seine.agent.silent.tunnels",
        "Peer nodes whose tunnel is not ready",
        "",
        "",
        () -> agent.peers().silent().size());
    addresses(to, agent);
    api(to, agent);
    answers(to, agent);
  }

  private static void switchState(AgentMetrics to, NodeAgent agent) {
    to.gauge(
        "seine.agent.flows.wanted",
        "Flow entries wanted in the switch",
        "",
        "",
        () -> agent.reconciler().status().entries());
    to.gauge(
        "seine.agent.owners.pending",
        "Pods, services and nodes whose flows are not in the switch yet",
        "",
        "",
        () -> agent.reconciler().status().pending());
    to.gauge(
        "seine.agent.owners.refused",
        "Pods, services and nodes whose flows the switch refused",
        "",
        "",
        () -> agent.reconciler().status().refused().size());
    to.counter(
        "seine.agent.openflow.connects",
        "Connections made to the switch",
        "",
        "",
        agent::openFlowConnects);
    to.gauge(
        "seine.agent.openflow.connected",
        "1 while there is a connection to the switch",
        "",
        "",
        () -> agent.switchConnected() ? 1 : 0);
  }

  private static void policies(AgentMetrics to, NodeAgent agent) {
    String known = "seine.agent.policies";
    String text = "Policies known from the API";
    PolicyView view = agent.policies().view();
    to.gauge(known, text, "kind", "NetworkPolicy", () -> view.counts().networkPolicies());
    to.gauge(known, text, "kind", "ClusterNetworkPolicy", () -> view.counts().clusterPolicies());
    to.gauge(
        "seine.agent.policies.here",
        "Policies that are for pods of this node, namespaces isolated by default among them",
        "",
        "",
        () -> view.counts().policies());
    to.gauge(
        "seine.agent.policy.rules",
        "Rules of policies that this node's switch has",
        "",
        "",
        () -> view.counts().rules());
    to.gauge(
        "seine.agent.policy.sets",
        "Sets of addresses that those rules speak of",
        "",
        "",
        () -> view.counts().sets());
    to.gauge(
        "seine.agent.policy.problems",
        "Policies and namespaces whose policy is not served as it stands",
        "",
        "",
        () -> view.counts().problems());
    String logged = "seine.agent.policy.logs";
    String lines = "Connections told of by policies that log, by what became of the line";
    to.counter(
        logged, lines, "result", "written", () -> agent.packets().policies().counts().written());
    to.counter(
        logged,
        lines,
        "result",
        "suppressed",
        () -> agent.packets().policies().counts().suppressed());
    to.counter(
        "seine.agent.policy.asked.again",
        "UDP connections that the switch was asked to judge again after a change of policy",
        "",
        "",
        () -> agent.policies().askedAgain());
    names(to, agent);
    to.policies(agent.policies()::counts);
  }

  private static void names(AgentMetrics to, NodeAgent agent) {
    String answers = "seine.agent.dns.answers";
    String text = "DNS answers to pods of policies with domain names, by what became of them";
    to.counter(answers, text, "result", "read", () -> agent.policies().dns().counts().read());
    to.counter(answers, text, "result", "learned", () -> agent.policies().dns().counts().learned());
    to.counter(
        answers, text, "result", "malformed", () -> agent.policies().dns().counts().malformed());
    to.counter(answers, text, "result", "dropped", () -> agent.policies().dns().counts().dropped());
    to.counter(answers, text, "result", "late", () -> agent.policies().dns().counts().late());
    to.gauge(
        "seine.agent.dns.names",
        "Domain names of policies whose addresses are known",
        "",
        "",
        () -> agent.policies().dns().size().names());
    to.gauge(
        "seine.agent.dns.addresses",
        "Addresses of domain names of policies",
        "",
        "",
        () -> agent.policies().dns().size().addresses());
  }

  private static void addresses(AgentMetrics to, NodeAgent agent) {
    String name = "seine.agent.addresses";
    String text = "Pod addresses of this node";
    to.gauge(name, text, "state", "capacity", () -> agent.addresses().capacity());
    to.gauge(name, text, "state", "used", () -> agent.addresses().inUse());
    to.gauge(name, text, "state", "resting", () -> agent.addresses().resting());
  }

  private static void api(AgentMetrics to, NodeAgent agent) {
    for (String kind : KINDS) {
      to.gauge(
          "seine.agent.api.objects",
          "Objects known from the API",
          "kind",
          kind,
          () -> report(agent, kind, InformerState.Report::objects));
      to.gauge(
          "seine.agent.api.synced",
          "1 when all objects of the kind have been read once",
          "kind",
          kind,
          () -> report(agent, kind, r -> r.synced() ? 1 : 0));
      to.counter(
          "seine.agent.api.events",
          "Changes heard of from the API",
          "kind",
          kind,
          () -> report(agent, kind, InformerState.Report::events));
      to.counter(
          "seine.agent.api.failures",
          "Times that the API could not be read",
          "kind",
          kind,
          () -> report(agent, kind, InformerState.Report::failures));
    }
  }

  private static double report(
      NodeAgent agent, String kind, ToDoubleFunction<InformerState.Report> value) {
    return agent.informers().stream()
        .filter(r -> r.kind().equals(kind))
        .mapToDouble(value)
        .findFirst()
        .orElse(0);
  }

  private static void answers(AgentMetrics to, NodeAgent agent) {
    to.counter(
        "seine.agent.packet.ins",
        "Packets handed over by the switch",
        "",
        "",
        agent.packets()::count);
    to.gauge(
        "seine.agent.packet.ins.dropped",
        "Of this connection's packets, those that came too fast",
        "",
        "",
        agent::droppedPacketIns);
    String rejects = "seine.agent.rejects";
    String text = "Packets to services without endpoints, by what became of them";
    to.counter(rejects, text, "result", "refused", () -> agent.packets().rejects().refused());
    to.counter(rejects, text, "result", "limited", () -> agent.packets().rejects().limited());
    to.counter(rejects, text, "result", "ignored", () -> agent.packets().rejects().ignored());
    to.counter(rejects, text, "result", "failed", () -> agent.packets().rejects().failed());
    String neighbours = "seine.agent.neighbours";
    String asked = "IPv6 neighbour solicitations, by what became of them";
    to.counter(
        neighbours, asked, "result", "answered", () -> agent.packets().neighbours().answered());
    to.counter(
        neighbours, asked, "result", "limited", () -> agent.packets().neighbours().limited());
    to.counter(
        neighbours, asked, "result", "ignored", () -> agent.packets().neighbours().ignored());
    to.counter(neighbours, asked, "result", "failed", () -> agent.packets().neighbours().failed());
    String events = "seine.agent.events";
    String said = "Kubernetes Events, by what became of them";
    to.counter(events, said, "result", "sent", () -> agent.ground().events().counts().sent());
    to.counter(
        events, said, "result", "repeated", () -> agent.ground().events().counts().repeated());
    to.counter(events, said, "result", "lost", () -> agent.ground().events().counts().lost());
  }
}
