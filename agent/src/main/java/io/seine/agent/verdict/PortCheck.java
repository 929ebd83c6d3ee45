package io.seine.agent.verdict;

import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.PodInfo;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Whether a connection is to one of a rule's ports.
 *
 * @param target the pod that it is to, whose names of ports count; empty if it is to no pod
 */
record PortCheck(Connection connection, Optional<PodInfo> target) {

  /** API reference, NetworkPolicyPort. An entry that the API would refuse matches nothing. */
  Check of(NetworkPolicyInfo.Port port) {
    String protocol = port.protocol();
    boolean number = !port.port().isEmpty() && port.port().chars().allMatch(PortCheck::isDigit);
    if (port.endPort().isPresent() && !number) {
      return new Check(false, "endPort is of no number");
    }
    if (port.port().isEmpty()) {
      return is(runsOver(protocol), protocol);
    }
    if (!number) {
      return named(port.port(), p -> p.protocol().equals(protocol), protocol + " port ");
    }
    int first = port.port().length() > 5 ? 0 : Integer.parseInt(port.port());
    int last = port.endPort().orElse(first);
    if (first < 1 || last > 65535 || last < first) {
      return new Check(false, "there is no port " + port.port());
    }
    return range(protocol, first, last);
  }

  private static boolean isDigit(int character) {
    return character >= '0' && character <= '9';
  }

  /** v1alpha2, ClusterNetworkPolicyProtocol. */
  Check of(ClusterPolicyInfo.Protocol protocol) {
    return switch (protocol) {
      case ClusterPolicyInfo.Protocol.Transport(var name, var ports) ->
          ports
              .map(range -> range(name, range.first(), range.last()))
              .orElseGet(() -> is(runsOver(name), name));
      case ClusterPolicyInfo.Protocol.NamedPort(var name) -> named(name, _ -> true, "port ");
      case ClusterPolicyInfo.Protocol.Unknown() -> new Check(false, "an unknown protocol");
    };
  }

  private Check range(String protocol, int first, int last) {
    return is(
        runsOver(protocol) && first <= connection.port() && connection.port() <= last,
        protocol + " " + first + (first == last ? "" : " to " + last));
  }

  private Check named(String name, Predicate<PodInfo.NamedPort> counts, String kind) {
    List<PodInfo.NamedPort> called =
        target.map(PodInfo::ports).orElse(List.of()).stream()
            .filter(p -> p.name().equals(name))
            .filter(counts)
            .toList();
    boolean holds =
        called.stream().anyMatch(p -> runsOver(p.protocol()) && p.port() == connection.port());
    String known =
        called.isEmpty()
            ? ", which the destination does not have"
            : ", " + String.join(" and ", called.stream().map(PortCheck::number).toList());
    return is(holds, kind + name + known);
  }

  private static String number(PodInfo.NamedPort port) {
    return port.protocol() + " " + port.port();
  }

  private boolean runsOver(String protocol) {
    return connection.transport() != Transport.ICMP
        && connection.transport().name().equals(protocol);
  }

  private Check is(boolean holds, String what) {
    return new Check(holds, connection.service() + " " + Check.of(holds, what).why());
  }
}
