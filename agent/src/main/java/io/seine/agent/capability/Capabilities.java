package io.seine.agent.capability;

import io.seine.openflow.SwitchException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/**
 * What the switch can do of what not every one can.
 *
 * @param sctpPorts whether it translates the port of an SCTP connection; without, it can send SCTP
 *     to an endpoint that listens on the service's own port, and to no other
 */
public record Capabilities(boolean sctpPorts) {
  /** What every switch can do. */
  public static final Capabilities LEAST = new Capabilities(false);

  /**
   * Tries it, over connections of its own, which takes some milliseconds. No flow is written and
   * none of those that are there is used.
   *
   * @param socket the OpenFlow management socket of the bridge
   * @throws SwitchException if the switch cannot be asked or does not answer
   */
  public static Capabilities of(Path socket) throws SwitchException, InterruptedException {
    return new Capabilities(new SctpProbe(RandomGenerator.getDefault()).translatesPorts(socket));
  }
}
