package io.seine.pipeline;

import java.util.Arrays;
import java.util.Optional;

/** The zones of connection tracking. This is the one place that numbers them. */
public enum Zones {
  MAIN(65520, "main", "Every connection, with the destination translation of services."),
  SNAT(
      65521,
      "snat",
      "The source translation of connections to services, and the node's own connections to pods."),
  PROBE(65522, "probe", "Packets with which the agent finds out what the switch can do.");

  private final int number;
  private final String label;
  private final String doc;

  Zones(int number, String label, String doc) {
    this.number = number;
    this.label = label;
    this.doc = doc;
  }

  public static Optional<Zones> of(int number) {
    return Arrays.stream(values()).filter(z -> z.number == number).findFirst();
  }

  public int number() {
    return number;
  }

  public String label() {
    return label;
  }

  /** One sentence: what is tracked in it. */
  public String doc() {
    return doc;
  }
}
