package io.seine.agent.netlink;

import io.seine.agent.netlink.NetlinkSocket.Request;
import io.seine.openflow.Family;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link Netfilter} over one socket. Its thread safety is the socket's. */
final class NfNetlink implements Netfilter {
  /** Up to so many destinations are asked for one by one; more, by listing all of UDP. */
  private static final int FEW = 8;

  private final NetlinkSocket socket;

  NfNetlink(NetlinkSocket socket) {
    this.socket = socket;
  }

  @Override
  public long generation() throws NetlinkException {
    String what = "read the generation of the nftables ruleset";
    return Conntrack.generation(socket.query(what, Conntrack::getGeneration))
        .orElseThrow(() -> new NetlinkException(what, Errno.ENOENT, "no answer to it"));
  }

  @Override
  public int forgetUdp(Set<Destination> destinations) throws NetlinkException {
    List<Conntrack.Entry> found = new ArrayList<>();
    if (destinations.size() <= FEW) {
      for (Destination destination : destinations) {
        Family family = destination.address().family();
        collect(family, Optional.of(destination), destinations, found);
      }
    } else {
      Set<Family> families = EnumSet.noneOf(Family.class);
      destinations.forEach(d -> families.add(d.address().family()));
      for (Family family : families) {
        collect(family, Optional.empty(), destinations, found);
      }
    }
    int forgotten = 0;
    for (Conntrack.Entry entry : found) {
      forgotten += forget(entry) ? 1 : 0;
    }
    return forgotten;
  }

  private void collect(
      Family family,
      Optional<Destination> only,
      Set<Destination> destinations,
      List<Conntrack.Entry> found)
      throws NetlinkException {
    List<Reply> replies =
        socket.query("list the tracked connections", () -> Conntrack.dumpUdp(family, only));
    // A kernel before 5.8 does not know the filter, and lists everything.
    for (Conntrack.Entry entry : Conntrack.udpEntries(replies)) {
      if (destinations.contains(entry.destination())) {
        found.add(entry);
      }
    }
  }

  private boolean forget(Conntrack.Entry entry) throws NetlinkException {
    try {
      String what = "forget the tracked connection to " + entry.destination();
      socket.execute(List.of(new Request(what, Conntrack.delete(entry))));
      return true;
    } catch (NetlinkException e) {
      if (e.isNotFound()) {
        return false; // it ended in the meantime
      }
      throw e;
    }
  }

  @Override
  public void close() throws NetlinkException {
    socket.close();
  }
}
