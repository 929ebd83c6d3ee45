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

  public static final NamedBits OUTPUT_PORT =
      new NamedBits(
          "outputPort",
          BitRange.all(Field.REG1),
          List.of(),
          "The number of the port it leaves by.");

  public static final List<NamedBits> ALL = List.of(SOURCE, DESTINATION, HAIRPIN, OUTPUT_PORT);

  private Registers() {}

  private static List<NamedBits.Value> sides() {
    return Arrays.stream(Side.values())
        .map(side -> new NamedBits.Value(side.code(), side.label()))
        .toList();
  }
}
