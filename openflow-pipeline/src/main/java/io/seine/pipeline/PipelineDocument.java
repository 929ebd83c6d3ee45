package io.seine.pipeline;

import io.seine.openflow.Family;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes {@code docs/pipeline.md} from the definitions, so that it cannot say anything else. */
public final class PipelineDocument {
  private PipelineDocument() {}

  private record Life(String title, String story, List<Table> tables) {}

  private static final List<Table> SERVED =
      List.of(
          Table.CLASSIFIER,
          Table.SOURCE_GUARD,
          Table.UN_SNAT,
          Table.CONNTRACK,
          Table.CONNTRACK_STATE,
          Table.NODE_PORT_MARK,
          Table.SERVICE_LB,
          Table.EGRESS_POLICY,
          Table.ROUTING,
          Table.TTL,
          Table.DELIVERY,
          Table.INGRESS_POLICY,
          Table.COMMIT,
          Table.SNAT,
          Table.OUTPUT);

  private static final List<Life> LIVES =
      List.of(
          new Life(
              "A pod to a pod of the same node",
              "The pod asks by ARP for the other's MAC and gets it from a flow; the frame goes"
                  + " straight to it, with no hop counted.",
              List.of(
                  Table.CLASSIFIER,
                  Table.SOURCE_GUARD,
                  Table.UN_SNAT,
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.NODE_PORT_MARK,
                  Table.SERVICE_LB,
                  Table.EGRESS_POLICY,
                  Table.ROUTING,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.SNAT,
                  Table.OUTPUT)),
          new Life(
              "A pod to a pod of a peer node",
              "The pod sends to its gateway's MAC. Routing sets the peer's address as the tunnel's"
                  + " far end, Ttl counts one hop. The peer lets it in at SourceGuard because tunnel"
                  + " and source belong to the same node, and counts no hop.",
              SERVED),
          new Life(
              "A pod to a service",
              "ServiceLB's group picks an endpoint, and the bucket records the connection with its"
                  + " destination translated; Commit has nothing left to record but which rules of"
                  + " policies allowed it. Later packets, and"
                  + " those that come back, are translated in Conntrack and skip ServiceLB. If the"
                  + " endpoint is the pod itself, Snat gives the packet the router's address, and"
                  + " the answer comes back by way of UnSnat.",
              SERVED),
          new Life(
              "The node to a service",
              "The host routes the service's addresses to gw0, with the gateway's address as the"
                  + " source, whose port Snat keeps apart from others'. What comes with another source"
                  + " gets the gateway's address there; if"
                  + " the endpoint is a node, so that the packet must leave by gw0 again, it gets "
                  + Addresses.ROUTER_ADDRESS
                  + ".",
              SERVED),
          new Life(
              "A client outside to a node port",
              "The host's packet filter puts "
                  + Addresses.nodePort(Family.IPV4)
                  + " ("
                  + Addresses.nodePort(Family.IPV6)
                  + ") in the place of the node's address and routes the packet to gw0. NodePortMark"
                  + " notes that it is to a node port and comes from outside. With"
                  + " externalTrafficPolicy Cluster any endpoint may get it, and Snat gives it the"
                  + " gateway's address so that the answer comes back here; with Local only those of"
                  + " this node, marked `local` in the connection, and Snat leaves the client's"
                  + " address alone. The answer leaves by gw0 from the address that the packet was"
                  + " to, and the host puts its own back. An endpoint that is the node itself, on the"
                  + " host's network, is reached by way of gw0 again and sees the router's address,"
                  + " with Local too. A pod's packet to the node's address is"
                  + " marked as it is, and is from inside.",
              SERVED),
          new Life(
              "A client outside to an external IP or a load balancer's address",
              "The same, with a stand-in of the address's own, out of "
                  + Addresses.standIns(Family.IPV4)
                  + " and "
                  + Addresses.standIns(Family.IPV6)
                  + ". ServiceLB has the address itself for pods and the stand-in for what the host"
                  + " hands over. Where a service says who may come in, each block of sources has a"
                  + " flow, and a lower one drops the rest.",
              SERVED),
          new Life(
              "A client to a service with affinity",
              "ServiceLB puts the group's id into a register and asks Affinity, which sets the"
                  + " endpoint's if it knows the client; then EndpointDnat translates to that endpoint,"
                  + " or has the group pick one and comes back for it. Either way it teaches Affinity,"
                  + " whose flow ends when no new connection has come for as long as the service"
                  + " says, or when the endpoint goes. `docs/decisions/affinity.md` has the reasons.",
              List.of(
                  Table.CLASSIFIER,
                  Table.SOURCE_GUARD,
                  Table.UN_SNAT,
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.NODE_PORT_MARK,
                  Table.SERVICE_LB,
                  Table.AFFINITY,
                  Table.ENDPOINT_DNAT,
                  Table.EGRESS_POLICY,
                  Table.ROUTING,
                  Table.TTL,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.SNAT,
                  Table.OUTPUT)),
          new Life(
              "The node to a pod",
              "Commit and Snat record the connection in both zones, as translated to the gateway's address that"
                  + " it has: so its port is never that of another which was given that address."
                  + " `docs/decisions/source-ports.md` has the reasons.",
              SERVED),
          new Life(
              "A pod to another over IPv6",
              "By the same tables as over IPv4, but always by way of the gateway's MAC and with a hop"
                  + " counted, also within the node. The flows of services are those of IPv4 with"
                  + " other addresses.",
              SERVED),
          new Life(
              "A pod that policies select to another that they select",
              "EgressPolicy sends what comes from the first pod through the tables that judge, where"
                  + " the first of the three tiers that decides, decides; IngressPolicy does the same"
                  + " for what goes to the other. What is denied goes to Commit at once, which drops"
                  + " it. Every packet of the opening side goes this way, so that a change of policy"
                  + " holds for connections that are open; what answers passes both gates, unless the"
                  + " connection is marked as denied. `docs/decisions/judging-every-packet.md` has the"
                  + " reasons.",
              List.of(
                  Table.CLASSIFIER,
                  Table.SOURCE_GUARD,
                  Table.UN_SNAT,
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.NODE_PORT_MARK,
                  Table.SERVICE_LB,
                  Table.EGRESS_POLICY,
                  Table.EGRESS_PEERS,
                  Table.EGRESS_BLOCKS,
                  Table.EGRESS_ADMIN,
                  Table.EGRESS_NETWORK_POLICY,
                  Table.ROUTING,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.INGRESS_PEERS,
                  Table.INGRESS_BLOCKS,
                  Table.INGRESS_ADMIN,
                  Table.INGRESS_NETWORK_POLICY,
                  Table.COMMIT,
                  Table.SNAT,
                  Table.OUTPUT)),
          new Life(
              "A probe of the agent's",
              "After a change of policy the agent asks about each UDP connection of the pods"
                  + " concerned, since its opening side may be silent: a packet like one of that"
                  + " side's, which comes in at Conntrack and ends at Commit.",
              List.of(
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.EGRESS_POLICY,
                  Table.ROUTING,
                  Table.TTL,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.INGRESS_PEERS,
                  Table.INGRESS_BLOCKS,
                  Table.INGRESS_ADMIN,
                  Table.INGRESS_NETWORK_POLICY,
                  Table.COMMIT)),
          new Life(
              "A DNS answer to a pod whose policies name domains",
              "IngressPolicy notes that the answer comes from a DNS server that is believed, as the"
                  + " pod sees it: by the service's address. Output hands it to the agent, which"
                  + " learns the addresses in it, waits until the switch allows them, and sends it"
                  + " to the pod. `docs/decisions/domain-names.md` has the reasons.",
              List.of(
                  Table.CLASSIFIER,
                  Table.SOURCE_GUARD,
                  Table.UN_SNAT,
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.EGRESS_POLICY,
                  Table.ROUTING,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.SNAT,
                  Table.OUTPUT)),
          new Life(
              "Anyone to a service without endpoints",
              "ServiceLB sends the packet to the agent, which answers with a TCP reset or an ICMP"
                  + " port unreachable, out of the port it came by.",
              List.of(
                  Table.CLASSIFIER,
                  Table.SOURCE_GUARD,
                  Table.UN_SNAT,
                  Table.CONNTRACK,
                  Table.CONNTRACK_STATE,
                  Table.NODE_PORT_MARK,
                  Table.SERVICE_LB)),
          new Life(
              "An IPv6 neighbour solicitation",
              "A pod has no need to ask: its gateway is a permanent neighbour. If it does, or the"
                  + " host, the agent answers out of the port that the packet came by. Everything else"
                  + " of neighbour discovery ends in Classifier. `docs/decisions/ipv6-neighbours.md`"
                  + " has the reasons.",
              List.of(Table.CLASSIFIER, Table.ARP_GUARD, Table.ARP_RESPONDER)),
          new Life(
              "ARP",
              "Every request is answered by a flow, or by nobody.",
              List.of(Table.CLASSIFIER, Table.ARP_GUARD, Table.ARP_RESPONDER)));

  /** The whole document. */
  public static String text() {
    StringBuilder text = new StringBuilder();
    text.append("# The pipeline\n\n")
        .append("Generated from `io.seine.pipeline` (`PipelineDocument`); a test compares. ")
        .append("To write it anew: `mvn -pl openflow-pipeline test -Dtest=PipelineDocumentTest")
        .append(" -Dseine.update-docs=true`.\n\n")
        .append("A packet enters table 0 and goes forward only. What no flow of a table matches")
        .append(" meets its miss, a flow of priority 0. No table learns addresses, floods, or uses")
        .append(
            " NORMAL; Affinity alone holds flows that the switch itself writes. Every flow that")
        .append(" names an address is there for IPv4 and for IPv6 alike, by the same code.\n");
    tables(text);
    bits(text, "Registers", Registers.ALL);
    bits(text, "Marks of connections", CtMarks.ALL);
    bits(text, "Labels of connections", CtLabels.ALL);
    zones(text);
    cookies(text);
    lives(text);
    return text.toString();
  }

  private static void tables(StringBuilder text) {
    text.append(
        "\n## Tables\n\n| # | Name | Stage | What it does | Miss |\n|--:|---|---|---|---|\n");
    for (Table table : Table.values()) {
      text.append(
          "| %d | %s | %s | %s | %s |\n"
              .formatted(
                  table.number(), table.label(), table.stage().label(), table.doc(), miss(table)));
    }
    text.append("\nThe numbers in between are kept for tables to come.\n");
  }

  private static String miss(Table table) {
    if (table == Table.AFFINITY) {
      return "nothing";
    }
    return table.miss().map(t -> t.number() + " " + t.label()).orElse("drop");
  }

  private static void bits(StringBuilder text, String title, List<NamedBits> all) {
    text.append("\n## ")
        .append(title)
        .append("\n\n| Name | Where | Values | What it holds |\n|---|---|---|---|\n");
    for (NamedBits bits : all) {
      text.append(
          "| %s | `%s` | %s | %s |\n"
              .formatted(
                  bits.name(),
                  bits.place(),
                  bits.values().isEmpty()
                      ? "a number"
                      : bits.values().stream()
                          .map(v -> v.value() + " " + v.name())
                          .collect(Collectors.joining(", ")),
                  bits.doc()));
    }
  }

  private static void zones(StringBuilder text) {
    text.append(
        "\n## Zones of connection tracking\n\n| Zone | Name | What is tracked |\n|--:|---|---|\n");
    for (Zones zone : Zones.values()) {
      text.append("| %d | %s | %s |\n".formatted(zone.number(), zone.label(), zone.doc()));
    }
  }

  private static void cookies(StringBuilder text) {
    text.append("\n## Cookies\n\n| Bits | What |\n|---|---|\n")
        .append("| 63..52 | `0x%x` in every flow of Seine's |\n".formatted(Cookie.MAGIC))
        .append("| 51..48 | kind of owner: ")
        .append(
            Arrays.stream(Owner.Kind.values())
                .map(k -> "%d %s".formatted(k.code(), k.name().toLowerCase(Locale.ROOT)))
                .collect(Collectors.joining(", ")));
    text.append(" |\n| 47..0 | hash of table, priority, match and actions |\n\n")
        .append("A flow whose cookie does not fit its content was written or altered by someone")
        .append(" else.\n");
  }

  private static void lives(StringBuilder text) {
    text.append(
        "\n## The life of a packet\n\nThe first packet of a connection, from port to port.\n");
    for (Life life : LIVES) {
      text.append("\n### ").append(life.title).append("\n\n").append(life.story).append("\n\n`");
      text.append(
          life.tables.stream()
              .map(t -> t.number() + " " + t.label())
              .collect(Collectors.joining(" → ")));
      text.append("`\n");
    }
  }
}
