package io.seine.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes {@code docs/pipeline.md} from the definitions, so that it cannot say anything else. */
public final class PipelineDocument {
  private PipelineDocument() {}

  private record Life(String title, String story, List<Table> tables) {}

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
                  Table.SNAT,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.OUTPUT)),
          new Life(
              "A pod to a pod of a peer node",
              "The pod sends to its gateway's MAC. Routing sets the peer's address as the tunnel's"
                  + " far end, Ttl counts one hop. The peer lets it in at SourceGuard because tunnel"
                  + " and source belong to the same node, and counts no hop.",
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
                  Table.SNAT,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.OUTPUT)),
          new Life(
              "A pod to a service",
              "ServiceLB's group picks an endpoint, and the bucket records the connection with its"
                  + " destination translated; Commit has nothing left to record. Later packets, and"
                  + " those that come back, are translated in Conntrack and skip ServiceLB. If the"
                  + " endpoint is the pod itself, Snat gives the packet the router's address, and"
                  + " the answer comes back by way of UnSnat.",
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
                  Table.SNAT,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
                  Table.OUTPUT)),
          new Life(
              "The node to a service",
              "The host routes the service's addresses to gw0, with the gateway's address as the"
                  + " source. What comes with another source gets the gateway's address in Snat; if"
                  + " the endpoint is a node, so that the packet must leave by gw0 again, it gets "
                  + Addresses.ROUTER_ADDRESS
                  + ".",
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
                  Table.SNAT,
                  Table.DELIVERY,
                  Table.INGRESS_POLICY,
                  Table.COMMIT,
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
        .append(
            " meets its miss, a flow of priority 0. No table learns, floods, or uses NORMAL.\n");
    tables(text);
    bits(text, "Registers", Registers.ALL);
    bits(text, "Marks of connections", CtMarks.ALL);
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
                  table.number(),
                  table.label(),
                  table.stage().label(),
                  table.doc(),
                  table.miss().map(t -> t.number() + " " + t.label()).orElse("drop")));
    }
    text.append("\nThe numbers in between are kept for tables to come.\n");
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
