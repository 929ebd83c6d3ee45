package io.seine.agent.host;

import io.seine.openflow.Ip;
import java.io.IOException;
import java.time.Duration;

/**
 * Sees to it that the first packet to a peer node is not lost. The kernel's datapath keeps it while
 * the peer's Ethernet address is asked for; the userspace datapath throws it away, so the address
 * must be in its tunnel neighbour table before. Thread safe.
 */
@FunctionalInterface
public interface TunnelNeighbours {
  /**
   * How long an entry lasts that no packet uses is 15 minutes (ovs lib/tnl-neigh-cache.c): priming
   * again within that time keeps idle tunnels ready. After a restart of ovs-vswitchd all are gone.
   */
  Duration PRIME_AGAIN_AFTER = Duration.ofMinutes(5);

  /** For the kernel's datapath: there is nothing to do. */
  TunnelNeighbours KERNEL = (peer, timeout) -> {};

  /**
   * Makes the tunnel to {@code peer} ready for its first packet.
   *
   * @throws IOException if the peer, or the router on the way to it, does not answer
   */
  void prime(Ip peer, Duration timeout) throws IOException, InterruptedException;
}
