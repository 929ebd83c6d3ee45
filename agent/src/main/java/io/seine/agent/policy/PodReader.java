package io.seine.agent.policy;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PortRange;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps of pods and nodes what policies ask of them. */
final class PodReader {
  private final Shared<Map<String, String>> labels = new Shared<>();
  private final Shared<List<NamedPort>> ports = new Shared<>();

  /** To be given back. */
  PodState.Said take(PodInfo pod) {
    return new PodState.Said(
        !pod.hostNetwork() && !pod.finished(),
        pod.hostNetwork() && !pod.finished(),
        labels.take(pod.labels()),
        addresses(pod.addresses()),
        ports.take(named(pod)));
  }

  void giveBack(PodState.Said said) {
    labels.giveBack(said.labels());
    ports.giveBack(said.ports());
  }

  private static List<NamedPort> named(PodInfo pod) {
    List<NamedPort> named = new ArrayList<>();
    for (PodInfo.NamedPort port : pod.ports()) {
      if (port.port() >= 1 && port.port() <= 0xffff) {
        PortEntries.known(port.protocol())
            .ifPresent(p -> named.add(new NamedPort(port.name(), PortRange.of(p, port.port()))));
      }
    }
    return List.copyOf(named);
  }

  /** Whatever else the API has among them is left out: it is no peer's. */
  private static List<Ip> addresses(Collection<String> texts) {
    return texts.stream().map(PodReader::address).flatMap(Optional::stream).distinct().toList();
  }

  private static Optional<Ip> address(String text) {
    try {
      return Optional.of(Ip.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // nobody can be reached by it
    }
  }

  /** Those of its status, and those by which it speaks to its pods. */
  static List<Ip> addresses(NodeInfo node) {
    List<Ip> addresses = new ArrayList<>(addresses(node.addresses()));
    for (String cidr : node.podCidrs()) {
      Blocks.cidr(cidr).map(block -> block.network().plus(1)).ifPresent(addresses::add);
    }
    return addresses.stream().distinct().toList();
  }
}
