package io.seine.pipeline;

import io.seine.openflow.BitRange;
import io.seine.openflow.Field;
import java.util.Arrays;
import java.util.List;

/**
 * What the registers hold while a packet is in the pipeline. This is the one place that says so.
 */
public final class Registers {
  public static final NamedBits SOURCE =
      new NamedBits(
          "source", new BitRange(Field.REG0, 0, 3), sides(), "The side the packet came from.");

  public static final NamedBits DESTINATION =
      new NamedBits(
          "destination", new BitRange(Field.REG0, 4, 7), sides(), "The side it is going to.");

  public static final NamedBits HAIRPIN =
      NamedBits.flag(
          "hairpin", new BitRange(Field.REG0, 8, 8), "It leaves by the port it came by.");

  public static final NamedBits OUTSIDE =
      NamedBits.flag(
          "outside",
          new BitRange(Field.REG0, 9, 9),
          "The connection is opened from outside the cluster.");

  public static final NamedBits NODE_PORT =
      NamedBits.flag(
          "nodePort",
          new BitRange(Field.REG0, 10, 10),
          "It is to an address of the node's on which node ports are served.");

  public static final NamedBits DENIED =
      NamedBits.flag(
          "denied", new BitRange(Field.REG0, 11, 11), "A policy denies it; Commit drops it.");

  public static final NamedBits DRY_PASSED =
      NamedBits.flag(
          "dryPassed",
          new BitRange(Field.REG0, 12, 12),
          "A policy that is only tried would have the rest of the tier skipped.");

  public static final NamedBits DRY_DECIDED =
      NamedBits.flag(
          "dryDecided",
          new BitRange(Field.REG0, 13, 13),
          "A policy that is only tried would have decided already.");

  public static final NamedBits LABELLED =
      NamedBits.flag(
          "labelled",
          new BitRange(Field.REG0, 14, 14),
          "A rule decided, which Commit notes in the connection's label.");

  public static final NamedBits PROBE =
      NamedBits.flag(
          "probe",
          new BitRange(Field.REG0, 15, 15),
          "The agent's, to have a connection that is recorded judged again; it goes no further than"
              + " Commit.");

  public static final NamedBits ANSWER =
      NamedBits.flag(
          "answer", new BitRange(Field.REG0, 16, 16), "A DNS answer of a server that is believed.");

  public static final NamedBits OUTPUT_PORT =
      new NamedBits(
          "outputPort",
          BitRange.all(Field.REG1),
          List.of(),
          "The number of the port it leaves by.");

  public static final NamedBits EGRESS_RULE =
      new NamedBits(
          "egressRule",
          BitRange.all(Field.REG2),
          List.of(),
          "The id of the rule that decided on what the pod sends; 0 for none.");

  public static final NamedBits INGRESS_RULE =
      new NamedBits(
          "ingressRule",
          BitRange.all(Field.REG3),
          List.of(),
          "The id of the rule that decided on what the pod receives; 0 for none.");

  public static final NamedBits PEER_CLASS =
      new NamedBits(
          "peerClass",
          BitRange.all(Field.REG4),
          List.of(),
          "Which of the rules' peers the other end is among, as a pod; 0 for none.");

  public static final NamedBits BLOCK_CLASS =
      new NamedBits(
          "blockClass",
          BitRange.all(Field.REG5),
          List.of(),
          "Which of the rules' blocks with exceptions the other end is in; 0 for none.");

  public static final NamedBits GROUP =
      new NamedBits(
          "group",
          BitRange.all(Field.REG6),
          List.of(),
          "The id of the group of a service with affinity.");

  public static final NamedBits ENDPOINT =
      new NamedBits(
          "endpoint",
          BitRange.all(Field.REG7),
          List.of(),
          "The id of the bucket of the endpoint that it picked, or that the client had; 0 for none.");

  public static final List<NamedBits> ALL =
      List.of(
          SOURCE,
          DESTINATION,
          HAIRPIN,
          OUTSIDE,
          NODE_PORT,
          DENIED,
          DRY_PASSED,
          DRY_DECIDED,
          LABELLED,
          PROBE,
          ANSWER,
          OUTPUT_PORT,
          EGRESS_RULE,
          INGRESS_RULE,
          PEER_CLASS,
          BLOCK_CLASS,
          GROUP,
          ENDPOINT);

  private Registers() {}

  private static List<NamedBits.Value> sides() {
    return Arrays.stream(Side.values())
        .map(side -> new NamedBits.Value(side.code(), side.label()))
        .toList();
  }
}
