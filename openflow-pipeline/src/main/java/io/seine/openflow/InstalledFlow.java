package io.seine.openflow;

import java.time.Duration;

/**
 * A flow as the switch reported it.
 *
 * @param age how long it has been there
 * @param idle how long ago it last matched a packet, or came if it never did. Whole seconds count
 *     to 65535; Open vSwitch reports no more than that however long it has been ({@link
 *     #MOST_IDLE})
 * @param packets and {@code bytes} what it has matched, unsigned
 * @param idleTimeout and {@code hardTimeout} in seconds, 0 for none
 */
public record InstalledFlow(
    Flow flow,
    long cookie,
    Duration age,
    Duration idle,
    long packets,
    long bytes,
    int idleTimeout,
    int hardTimeout) {
  /** What {@link #idle} says of a flow that has been idle so long, or any time longer. */
  public static final Duration MOST_IDLE = Duration.ofSeconds(65535);

  /** A flow that has been idle since it came. */
  public InstalledFlow(
      Flow flow,
      long cookie,
      Duration age,
      long packets,
      long bytes,
      int idleTimeout,
      int hardTimeout) {
    this(
        flow,
        cookie,
        age,
        age.compareTo(MOST_IDLE) > 0 ? MOST_IDLE : age,
        packets,
        bytes,
        idleTimeout,
        hardTimeout);
  }
}
