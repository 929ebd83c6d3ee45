package io.seine.agent.netlink;

import io.seine.agent.netlink.NetlinkSocket.Request;
import io.seine.openflow.Family;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** {@link Netfilter} over one socket. Its thread safety is the socket's. */
final class NfNetlink implements Netfilter {
  /** Up to so many ports are asked for one by one; more, by listing all of UDP. */
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
    for (Family family : Family.values()) {
      Set<Integer> ports = new HashSet<>();
      for (Destination destination : destinations) {
        if (destination.address().family() == family) {
          ports.add(destination.port());
        }
      }
      if (ports.size() > FEW) {
        collect(family, OptionalInt.empty(), destinations, found);
      } else {
        for (int port : ports) {
          collect(family, OptionalInt.of(port), destinations, found);
        }
      }
    }
    int forgotten = 0;
    for (Conntrack.Entry entry : found) {
      forgotten += forget(entry) ? 1 : 0;
    }
    return forgotten;
  }

  private void collect(
      Family family, OptionalInt port, Set<Destination> destinations, List<Conntrack.Entry> found)
      throws NetlinkException {
    List<Reply> replies =
        socket.query("list the tracked connections", () -> Conntrack.dumpUdp(family, port));
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
