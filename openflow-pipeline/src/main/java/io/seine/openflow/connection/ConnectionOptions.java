package io.seine.openflow.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * @param requestTimeout how long one answer may take; a dump, each of its parts
 * @param commitTimeout how long the switch may take for a bundle; a large one keeps it busy for
 *     seconds
 * @param keepAlive how long the switch may be silent before it is asked for an echo, and after that
 *     before it counts as dead; a switch that takes a large bundle is silent meanwhile
 * @param controllerId what {@code controller(id=...)} actions name, 0 to 65535; empty for a
 *     connection that wants no packet-ins
 * @param meters that the switch is to have before anybody uses the connection; a switch that cannot
 *     have one is used without, and that is logged
 */
public record ConnectionOptions(
    Duration requestTimeout,
    Duration commitTimeout,
    Duration keepAlive,
    OptionalInt controllerId,
    List<Meter> meters) {
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(
          Duration.ofSeconds(30),
          Duration.ofSeconds(120),
          Duration.ofSeconds(10),
          OptionalInt.empty(),
          List.of());

  public ConnectionOptions {
    meters = List.copyOf(meters);
  }

  /**
   * @param id 1 and up, as {@code controller(meter_id=...)} names it
   * @param packetsPerSecond how many may pass, above which they are dropped
   * @param burst how many may come at once
   */
  public record Meter(int id, int packetsPerSecond, int burst) {}

  /** These, with packet-ins. */
  public ConnectionOptions withControllerId(int controllerId) {
    return new ConnectionOptions(
        requestTimeout, commitTimeout, keepAlive, OptionalInt.of(controllerId), meters);
  }

  public ConnectionOptions withKeepAlive(Duration keepAlive) {
    return new ConnectionOptions(requestTimeout, commitTimeout, keepAlive, controllerId, meters);
  }

  /** These, with one more meter. */
  public ConnectionOptions withMeter(Meter meter) {
    List<Meter> more = new ArrayList<>(meters);
    more.add(meter);
    return new ConnectionOptions(requestTimeout, commitTimeout, keepAlive, controllerId, more);
  }
}
