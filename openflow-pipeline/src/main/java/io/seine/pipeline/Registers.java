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

  public static final NamedBits OUTPUT_PORT =
      new NamedBits(
          "outputPort",
          BitRange.all(Field.REG1),
          List.of(),
          "The number of the port it leaves by.");

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
      List.of(SOURCE, DESTINATION, HAIRPIN, OUTSIDE, NODE_PORT, OUTPUT_PORT, GROUP, ENDPOINT);

  private Registers() {}

  private static List<NamedBits.Value> sides() {
    return Arrays.stream(Side.values())
        .map(side -> new NamedBits.Value(side.code(), side.label()))
        .toList();
  }
}
