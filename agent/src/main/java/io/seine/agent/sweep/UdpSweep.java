package io.seine.agent.sweep;

import io.seine.openflow.Action;
import io.seine.openflow.Ip;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Probe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Asks the switch about the UDP connections of some pods again, after policies have changed and the
 * switch has the new flows.
 *
 * <p>The switch judges every packet of a connection's opening side, and what answers passes as long
 * as the opening side is allowed. TCP's opening side has to acknowledge what it gets, so that a
 * change holds for it soon. With UDP it may be silent for ever while the other side sends, a video
 * stream for instance: for those a {@link Probe} stands in. It costs the switch a look at all its
 * connections, and a packet for each that is found. Connections that are allowed are not disturbed.
 *
 * <p>Thread safe; one thread at a time should sweep.
 */
public final class UdpSweep {
  /** More than these are not asked about in one go. */
  public static final int MOST = 100_000;

  /** How the connections are found. */
  public interface Connections {
    /**
     * Gives each line of {@code dpctl/dump-conntrack} about the main zone, once the switch's caches
     * hold nothing of before the change.
     */
    void read(Consumer<String> line) throws IOException;
  }

  /** How packets come into the switch. */
  public interface Sender {
    void packetOut(int inPort, List<Action> actions, byte[] frame) throws SwitchException;
  }

  /** Holds back the next question until the switch can be expected to have time for it. */
  public interface Pace {
    void await() throws InterruptedException;
  }

  /**
   * What was done.
   *
   * @param asked about how many connections
   * @param left how many were not asked about, being more than {@link #MOST}
   */
  public record Result(int asked, int left) {}

  private final LocalNode node;
  private final Connections connections;
  private final Sender sender;
  private final Pace pace;

  public UdpSweep(LocalNode node, Connections connections, Sender sender, Pace pace) {
    this.node = node;
    this.connections = connections;
    this.sender = sender;
    this.pace = pace;
  }

  /**
   * Asks about the connections of which one of the two ends is among these.
   *
   * @param concerned addresses of this node's pods whose policies changed
   * @param local the port number of each pod of this node, by each of its addresses
   * @throws IOException if the connections could not be read; nothing was asked
   * @throws SwitchException if there is no connection to the switch any more
   */
  public Result sweep(Set<Ip> concerned, Map<Ip, Integer> local)
      throws IOException, SwitchException, InterruptedException {
    if (concerned.isEmpty()) {
      return new Result(0, 0);
    }
    List<Probe.Ends> found = new ArrayList<>();
    int[] left = new int[1];
    connections.read(line ->
        Conversation.of(line)
            .filter(c -> concerned.contains(c.ends().source()) || concerned.contains(c.answering()))
            .ifPresent(c -> {
              if (found.size() < MOST) {
                found.add(c.ends());
              } else {
                left[0]++;
              }
            }));
    for (Probe.Ends ends : found) {
      Probe probe = Probe.of(node, ends, port(local, ends.source()));
      pace.await();
      sender.packetOut(probe.inPort(), probe.actions(), probe.frame().toByteArray());
    }
    return new Result(found.size(), left[0]);
  }

  private static OptionalInt port(Map<Ip, Integer> local, Ip source) {
    return Optional.ofNullable(local.get(source)).map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
