package io.seine.pipeline.policy;

import io.seine.pipeline.ServiceFact.Protocol;
import java.util.Comparator;

/**
 * Destination ports of one protocol.
 *
 * @param first 0 to 65535
 * @param last at least {@code first}
 */
public record PortRange(Protocol protocol, int first, int last) implements Comparable<PortRange> {
  private static final int MAX = 0xffff;
  private static final Comparator<PortRange> ORDER =
      Comparator.comparing(PortRange::protocol)
          .thenComparingInt(PortRange::first)
          .thenComparingInt(PortRange::last);

  public PortRange {
    if (first < 0 || last > MAX || first > last) {
      throw new IllegalArgumentException("no range of ports: %d to %d".formatted(first, last));
    }
  }

  public static PortRange of(Protocol protocol, int port) {
    return new PortRange(protocol, port, port);
  }

  /** Every port of a protocol. */
  public static PortRange all(Protocol protocol) {
    return new PortRange(protocol, 0, MAX);
  }

  @Override
  public int compareTo(PortRange other) {
    return ORDER.compare(this, other);
  }

  /** {@code TCP/80}, {@code TCP/8000-8080}, {@code UDP}. */
  @Override
  public String toString() {
    if (first == 0 && last == MAX) {
      return protocol.name();
    }
    return protocol + "/" + first + (first == last ? "" : "-" + last);
  }
}
