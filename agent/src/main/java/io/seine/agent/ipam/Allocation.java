package io.seine.agent.ipam;

import io.seine.agent.ipam.AddressPool.Usage;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What came of asking the pool for an address. */
public sealed interface Allocation {
  /**
   * The addresses are the caller's until they are released.
   *
   * @param addresses one of each family that was asked for
   */
  record Given(List<Ip> addresses) implements Allocation {
    public Given {
      addresses = List.copyOf(addresses);
    }

    Given(Ip address) {
      this(List.of(address));
    }

    /** The primary one. */
    public Ip address() {
      return addresses.getFirst();
    }
  }

  /**
   * No address can be given now.
   *
   * @param cidr where none is free
   * @param nextAt when the longest-resting address may be given; empty if every address is in use
   */
  record Exhausted(IpPrefix cidr, Usage usage, Optional<Instant> nextAt) implements Allocation {}

  /** The address that was asked for cannot be had; {@code reason} says why, in words. */
  record Refused(Ip address, String reason, boolean permanent) implements Allocation {}
}
