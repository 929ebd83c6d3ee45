package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The nftables rules for pods, as text; pure. */
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
    String sets = facts.networks().stream().map(n -> sets(facts, n)).collect(Collectors.joining());
    String nat =
        facts.networks().stream()
            .flatMap(n -> nat(facts, n, gatewayPort).stream())
            .map(rule -> "\t\t" + rule + "\n")
            .collect(Collectors.joining());
    return """
    table inet seine {
    }
    delete table inet seine
    table inet seine {
    %s\tchain isolate {
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
        .formatted(sets, deviceGroup, nat, deviceGroup);
  }

  private static List<String> nat(HostFacts facts, Network network, String gatewayPort) {
    Family family = network.family();
    String ip = family == Family.IPV4 ? "ip" : "ip6";
    List<String> rules = new ArrayList<>();
    rules.add(
        "%s saddr %s oifname != \"%s\" masquerade"
            .formatted(ip, Addresses.router(family), gatewayPort));
    if (facts.masquerade()) {
      rules.add(
          "%s saddr %s %s daddr != @%s oifname != \"%s\" masquerade"
              .formatted(ip, network.podCidr(), ip, name("pods", family), gatewayPort));
    }
    if (!HostFacts.of(family, facts.peerCidrs()).isEmpty()) {
      rules.add(
          "oifname \"%s\" %s saddr != %s %s daddr @%s fib saddr type local masquerade"
              .formatted(gatewayPort, ip, network.gateway(), ip, name("peers", family)));
    }
    return rules;
  }

  private static String sets(HostFacts facts, Network network) {
    Family family = network.family();
    List<IpPrefix> peers = HostFacts.of(family, facts.peerCidrs());
    List<IpPrefix> pods = new ArrayList<>(peers);
    pods.add(network.podCidr());
    pods.addAll(HostFacts.of(family, facts.clusterPodCidrs()));
    return set(name("pods", family), family, pods) + set(name("peers", family), family, peers);
  }

  private static String name(String what, Family family) {
    return what + (family == Family.IPV4 ? "4" : "6");
  }

  private static String set(String name, Family family, List<IpPrefix> members) {
    String elements = members.stream().map(IpPrefix::toString).collect(Collectors.joining(", "));
    return "\tset %s {\n\t\ttype %s\n\t\tflags interval\n\t\tauto-merge\n%s\t}\n"
        .formatted(
            name,
            family == Family.IPV4 ? "ipv4_addr" : "ipv6_addr",
            elements.isEmpty() ? "" : "\t\telements = { " + elements + " }\n");
  }
}
