package io.seine.sandbox.replay;

import io.seine.agent.verdict.Transport;
import io.seine.openflow.Family;

/**
 * A question of a table, with its answer.
 *
 * @param source a pod ({@code ns/name}), a node or a host outside
 * @param destination the same, or {@link #SERVICE} and the name of a service
 * @param port of the destination; 0 for ICMP
 */
public record Probe(
    String source,
    String destination,
    Transport transport,
    int port,
    Family family,
    Outcome expected) {
  public static final String SERVICE = "svc:";

  public Probe expecting(Outcome outcome) {
    return new Probe(source, destination, transport, port, family, outcome);
  }

  /** {@code TCP/80}, {@code ICMP}. */
  public String service() {
    return transport == Transport.ICMP ? "ICMP" : transport + "/" + port;
  }

  @Override
  public String toString() {
    return "%s to %s %s by %s".formatted(source, destination, service(), family);
  }
}
