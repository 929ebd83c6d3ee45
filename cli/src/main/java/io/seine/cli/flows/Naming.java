package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.FactsLoader;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.explain.Names;
import io.seine.sandbox.NodeDatabase;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.node.SandboxNode;
import java.util.function.Consumer;

/** The names for what is in a switch, from as many sources as can be reached. */
final class Naming {
  private Naming() {}

  /**
   * Names from the API, the node's OVSDB, and the switch's own ports.
   *
   * @param warn told in a line of each source that is missing and of what is lost by that
   */
  static Names of(SwitchReading reading, SandboxNode node, Api api, Consumer<String> warn) {
    Names names = new Names();
    Snapshot database = Snapshot.EMPTY;
    try {
      database = NodeDatabase.read(node);
    } catch (SandboxException e) {
      warn.accept(e.getMessage() + "; its pods' ports are shown by number");
    }
    try {
      NodeFacts.pods(api).forEach((address, pod) -> names.pod(pod, address));
      add(names, NodeFacts.load(api, reading.config(), database), reading);
    } catch (ApiException | SandboxException e) {
      warn.accept(e.getMessage() + "; only the pods of each node itself have names");
    }
    FactsLoader.pods(database).forEach(names::pod);
    reading.ports().forEach(port -> names.port(port.number(), port.name()));
    return names;
  }

  private static void add(Names names, ClusterFacts facts, SwitchReading reading) {
    names.node(facts.node());
    facts.peers().forEach(names::peer);
    facts.services().forEach(names::service);
    names.policies(facts.policies());
    facts.compile(reading.groupIds()).forEach(names::owned);
  }
}
