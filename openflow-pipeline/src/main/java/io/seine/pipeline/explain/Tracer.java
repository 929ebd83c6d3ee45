package io.seine.pipeline.explain;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks a switch what it would do with packets. Nothing is sent, learnt or recorded. Thread safe if
 * the channel is.
 */
public final class Tracer {
  private final String bridge;
  private final Channel channel;

  /** The control socket of ovs-vswitchd, which {@code ovs-appctl} speaks to. */
  @FunctionalInterface
  public interface Channel {
    /**
     * Runs a command.
     *
     * @return what it printed
     * @throws IOException if the daemon is not there, or refuses
     */
    String call(String command, String... arguments) throws IOException;
  }

  public Tracer(String bridge, Channel channel) {
    this.bridge = bridge;
    this.channel = channel;
  }

  /**
   * Traces a packet of a connection that the switch does not know yet.
   *
   * @throws IOException if the switch cannot be asked, or its answer is not understood
   */
  public Trace trace(TracedPacket packet) throws IOException {
    return trace(packet.text(), List.of());
  }

  /**
   * The same for any packet.
   *
   * @param packet as {@code ovs-ofctl} writes flows
   * @param connection what connection tracking is to say each time that it is asked, as {@code
   *     trk,est}; after the last of them, {@code trk,new}
   */
  public Trace trace(String packet, List<String> connection) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(bridge, packet));
    for (String state : connection) {
      arguments.add("--ct-next");
      arguments.add(state);
    }
    String answer = channel.call("ofproto/trace", arguments.toArray(String[]::new));
    try {
      return Trace.parse(answer);
    } catch (IllegalArgumentException e) {
      throw new IOException("the switch's trace of " + packet + " is not understood", e);
    }
  }
}
