package io.seine.agent.ipam;

import io.seine.agent.ipam.AddressPool.Usage;
import io.seine.openflow.Ip;
import java.time.Instant;
import java.util.Optional;

/** What came of asking the pool for an address. */
public sealed interface Allocation {
  /** The address is the caller's until it is released. */
  record Given(Ip address) implements Allocation {}

  /**
   * No address can be given now.
   *
   * @param nextAt when the longest-resting address may be given; empty if every address is in use
   */
  record Exhausted(Usage usage, Optional<Instant> nextAt) implements Allocation {}

  /** The address that was asked for cannot be had; {@code reason} says why, in words. */
  record Refused(Ip address, String reason, boolean permanent) implements Allocation {}
}
