package io.seine.agent.netlink;

import io.seine.openflow.Ip;
import java.util.Set;

/**
 * The kernel's packet filter as far as Seine asks it without the {@code nft} command. Any thread
 * may call; calls block for the kernel's work.
 */
public interface Netfilter extends AutoCloseable {
  /** Opens the namespace of the calling thread. */
  static Netfilter open() throws NetlinkException {
    return new NfNetlink(NetlinkSocket.open(Nfnl.NETLINK_NETFILTER, 0));
  }

  /**
   * The number of the namespace's nftables ruleset: one more with each transaction of whichever
   * program, 32 bits unsigned.
   */
  long generation() throws NetlinkException;

  /**
   * Makes the kernel forget the UDP connections whose clients sent to one of these destinations,
   * before any translation; the next packet of each is a first one again. Those of Open vSwitch, or
   * of another zone, are left alone.
   *
   * @return how many there were
   */
  int forgetUdp(Set<Destination> destinations) throws NetlinkException;

  @Override
  void close() throws NetlinkException;

  /**
   * Where packets went.
   *
   * @param port 1 to 65535
   */
  record Destination(Ip address, int port) {}
}
