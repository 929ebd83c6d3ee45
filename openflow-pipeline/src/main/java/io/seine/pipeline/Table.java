package io.seine.pipeline;

import java.util.Optional;

/**
 * The tables of the bridge, in the order a packet meets them. The numbers are published and do not
 * change; the gaps are for tables to come.
 */
public enum Table {
  CLASSIFIER(
      0,
      "Classifier",
      Stage.CLASSIFY,
      "Notes which side the packet came from (tunnel, gateway or a pod) by its port.",
      -1),
  ARP_GUARD(
      1,
      "ArpGuard",
      Stage.VALIDATE,
      "Lets through ARP requests and IPv6 neighbour solicitations that tell the truth about their"
          + " sender.",
      -1),
  ARP_RESPONDER(
      2,
      "ArpResponder",
      Stage.VALIDATE,
      "Answers ARP for the gateway, the router and each pod of the node; hands solicitations of the"
          + " gateway and the router to the agent; no request goes further.",
      -1),
  SOURCE_GUARD(
      5,
      "SourceGuard",
      Stage.VALIDATE,
      "Lets through IP packets whose port, Ethernet and IP source belong together; of the tunnel,"
          + " those of a node's pods from that node.",
      -1),
  UN_SNAT(
      10,
      "UnSnat",
      Stage.CONNTRACK,
      "Undoes the source translation of Snat for replies to the node's own addresses.",
      11),
  CONNTRACK(
      11,
      "Conntrack",
      Stage.CONNTRACK,
      "Finds the packet's connection and applies the translation that it has.",
      -1),
  CONNTRACK_STATE(
      12,
      "ConntrackState",
      Stage.CONNTRACK,
      "Sends new connections to the service stage, drops what fits no connection, and the answers"
          + " within one that is denied; the rest needs no endpoint and skips that stage.",
      20),
  NODE_PORT_MARK(
      15,
      "NodePortMark",
      Stage.SERVICE,
      "Notes whether a new connection comes from outside the cluster, and whether it is to an"
          + " address of the node's on which node ports are served.",
      17),
  SERVICE_LB(
      17,
      "ServiceLB",
      Stage.SERVICE,
      "Picks an endpoint for a new connection to a service, by a group whose buckets translate the"
          + " destination; has the agent refuse what has no endpoint; drops what may not come in.",
      20),
  AFFINITY(
      18,
      "Affinity",
      Stage.SERVICE,
      "Knows which endpoint a client of a service with affinity had last. EndpointDnat teaches it;"
          + " ServiceLB asks it and goes on whether it knows or not.",
      -1),
  ENDPOINT_DNAT(
      19,
      "EndpointDnat",
      Stage.SERVICE,
      "Of services with affinity: translates the destination to the endpoint that Affinity knows or"
          + " the group picked, and teaches Affinity.",
      -1),
  EGRESS_POLICY(
      20,
      "EgressPolicy",
      Stage.EGRESS_POLICY,
      "Lets pass what no policy on what pods send can concern: answers, and what is to the pod itself"
          + " or its node. Of the rest, what comes from a pod that policies select is judged.",
      30),
  EGRESS_PEERS(
      21,
      "EgressPeers",
      Stage.EGRESS_POLICY,
      "Notes which rules' peers the pod that the packet is to belongs to.",
      22),
  EGRESS_BLOCKS(
      22,
      "EgressBlocks",
      Stage.EGRESS_POLICY,
      "Notes which rules' blocks with exceptions the address that it is to belongs to.",
      23),
  EGRESS_ADMIN(
      23,
      "EgressAdmin",
      Stage.EGRESS_POLICY,
      "Judges by the Admin tier of ClusterNetworkPolicies.",
      24),
  EGRESS_NETWORK_POLICY(
      24,
      "EgressNetworkPolicy",
      Stage.EGRESS_POLICY,
      "Judges by NetworkPolicies; denies what none allows to a pod that one selects.",
      25),
  EGRESS_BASELINE(
      25,
      "EgressBaseline",
      Stage.EGRESS_POLICY,
      "Judges by the Baseline tier of ClusterNetworkPolicies.",
      30),
  ROUTING(
      30,
      "Routing",
      Stage.ROUTING,
      "Decides where the packet goes: a pod of the node, a peer node by tunnel, or the gateway.",
      -1),
  TTL(
      31,
      "Ttl",
      Stage.ROUTING,
      "Counts the hop of packets routed from a pod; of others the host's kernel counts it.",
      40),
  DELIVERY(
      40,
      "Delivery",
      Stage.DELIVERY,
      "Finds the port to leave by, which may be the one it came by.",
      -1),
  INGRESS_POLICY(
      43,
      "IngressPolicy",
      Stage.INGRESS_POLICY,
      "Lets pass what no policy on what pods receive can concern: answers, and what is from the pod"
          + " itself or its node. Of the rest, what is for a pod that policies select is judged.",
      50),
  INGRESS_PEERS(
      44,
      "IngressPeers",
      Stage.INGRESS_POLICY,
      "Notes which rules' peers the pod that the packet is from belongs to.",
      45),
  INGRESS_BLOCKS(
      45,
      "IngressBlocks",
      Stage.INGRESS_POLICY,
      "Notes which rules' blocks with exceptions the address that it is from belongs to.",
      46),
  INGRESS_ADMIN(
      46,
      "IngressAdmin",
      Stage.INGRESS_POLICY,
      "Judges by the Admin tier of ClusterNetworkPolicies.",
      47),
  INGRESS_NETWORK_POLICY(
      47,
      "IngressNetworkPolicy",
      Stage.INGRESS_POLICY,
      "Judges by NetworkPolicies; denies what none allows to a pod that one selects.",
      48),
  INGRESS_BASELINE(
      48,
      "IngressBaseline",
      Stage.INGRESS_POLICY,
      "Judges by the Baseline tier of ClusterNetworkPolicies.",
      50),
  COMMIT(
      50,
      "Commit",
      Stage.COMMIT,
      "Drops what is denied. Records new connections that no earlier table has recorded, which rules"
          + " allowed them, and of those that were recorded before, whether they are denied now.",
      55),
  SNAT(
      55,
      "Snat",
      Stage.POST_ROUTING,
      "Gives connections to services that would not come back by themselves a source address of the"
          + " node: a pod's to itself, and those from outside the pod network unless their endpoint is"
          + " to see the client's; keeps the ports of all that has the gateway's address apart.",
      60),
  OUTPUT(
      60,
      "Output",
      Stage.OUTPUT,
      "Sends the packet out; or, if it is a DNS answer to a pod that policies with domain names"
          + " select, hands it to the agent, which sends it on.",
      -1);

  /** What a run of tables is for. */
  public enum Stage {
    CLASSIFY("classify"),
    VALIDATE("validate"),
    CONNTRACK("connection"),
    SERVICE("service"),
    EGRESS_POLICY("egress policy"),
    ROUTING("routing"),
    POST_ROUTING("source NAT"),
    DELIVERY("delivery"),
    INGRESS_POLICY("ingress policy"),
    COMMIT("commit"),
    OUTPUT("output");

    private final String label;

    Stage(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  private final int number;
  private final String label;
  private final Stage stage;
  private final String doc;
  private final int missTable;

  Table(int number, String label, Stage stage, String doc, int missTable) {
    this.number = number;
    this.label = label;
    this.stage = stage;
    this.doc = doc;
    this.missTable = missTable;
  }

  /** The table with this number, if it is one of ours. */
  public static Optional<Table> of(int number) {
    for (Table table : values()) {
      if (table.number == number) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }

  /** The table with this name or number, as a person types it. */
  public static Optional<Table> named(String text) {
    for (Table table : values()) {
      if (table.label.equalsIgnoreCase(text) || String.valueOf(table.number).equals(text)) {
        return Optional.of(table);
      }
    }
    return Optional.empty();
  }

  public int number() {
    return number;
  }

  /** The name that dumps and documents show. */
  public String label() {
    return label;
  }

  public Stage stage() {
    return stage;
  }

  /** One sentence: what the table is for. */
  public String doc() {
    return doc;
  }

  /** Where a packet goes that no flow of the table matches; empty: nowhere, it is dropped. */
  public Optional<Table> miss() {
    return missTable < 0 ? Optional.empty() : of(missTable);
  }
}
