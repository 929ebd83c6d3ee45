package io.seine.agent.host;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The nftables rules, as text; pure. */
public final class FilterRules {
  private FilterRules() {}

  /**
   * Renders both tables, each deleted and made anew within the one transaction that the text is.
   *
   * <p>{@code isolate}: a userspace switch reads the host's ends of pods through packet sockets,
   * and the node's own stack sees the same packets. It must not act on them: it would answer for
   * its addresses, past the switch. The devices are known by their group.
   *
   * <p>{@code postrouting}: pods that talk to the outside do it with the node's address; and the
   * node itself talks to pods of other nodes with the gateway's, whatever address a process is
   * bound to, since the answer to another would not come back through the tunnel. The router's
   * link-local address, under which the switch hands back what the node asked of a service with an
   * endpoint elsewhere, never leaves the node.
   *
   * @param gatewayPort name of the internal port
   * @param deviceGroup group of the host's ends of pods
   */
  public static String render(HostFacts facts, String gatewayPort, int deviceGroup) {
    List<IpPrefix> pods = new ArrayList<>(facts.peerCidrs());
    pods.add(facts.podCidr());
    pods.addAll(facts.clusterPodCidrs());
    List<String> nat = new ArrayList<>();
    nat.add(
        "ip saddr %s oifname != \"%s\" masquerade"
            .formatted(Addresses.ROUTER_ADDRESS, gatewayPort));
    if (facts.masquerade()) {
      nat.add(
          "ip saddr %s ip daddr != @pods oifname != \"%s\" masquerade"
              .formatted(facts.podCidr(), gatewayPort));
    }
    if (!facts.peerCidrs().isEmpty()) {
      nat.add(
          "oifname \"%s\" ip saddr != %s ip daddr @peers fib saddr type local masquerade"
              .formatted(gatewayPort, facts.gateway()));
    }
    return """
    table inet seine {
    }
    delete table inet seine
    table inet seine {
    %s%s\tchain isolate {
    \t\ttype filter hook prerouting priority -400; policy accept;
    \t\tmeta iifgroup %d drop
    \t}
    \tchain postrouting {
    \t\ttype nat hook postrouting priority 100; policy accept;
    %s\t}
    }
    table arp seine {
    }
    delete table arp seine
    table arp seine {
    \tchain isolate {
    \t\ttype filter hook input priority 0; policy accept;
    \t\tmeta iifgroup %d drop
    \t}
    }
    """
        .formatted(
            set("pods", pods),
            set("peers", facts.peerCidrs()),
            deviceGroup,
            nat.stream().map(rule -> "\t\t" + rule + "\n").collect(Collectors.joining()),
            deviceGroup);
  }

  private static String set(String name, List<IpPrefix> members) {
    String elements = members.stream().map(IpPrefix::toString).collect(Collectors.joining(", "));
    return "\tset %s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\tauto-merge\n%s\t}\n"
        .formatted(name, elements.isEmpty() ? "" : "\t\telements = { " + elements + " }\n");
  }
}
