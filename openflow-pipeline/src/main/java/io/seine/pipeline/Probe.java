package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;

/**
 * A packet that has the switch judge a UDP connection once more that it has recorded, and that goes
 * nowhere: Commit notes the verdict in the connection and ends it.
 *
 * <p>It is a packet of the connection's opening side, put into the pipeline at Conntrack. It makes
 * no connection where there is none, and asks for nothing where nobody has answered yet: the next
 * packet of the opening side is judged anyway.
 *
 * @param inPort the port that it counts as received by
 * @param actions for the packet-out
 * @param frame an Ethernet frame with a UDP packet of no payload
 */
public record Probe(int inPort, List<Action> actions, Bits frame) {
  private static final int ETHERNET = 14;
  private static final int IPV4 = 20;
  private static final int IPV6 = 40;
  private static final int UDP = 8;
  private static final int TTL = 64;

  public Probe {
    actions = List.copyOf(actions);
  }

  /**
   * The two ends of a connection as its opening side sees them, before any translation.
   *
   * @param sourcePort and {@code destinationPort} 0 to 65535
   */
  public record Ends(Ip source, int sourcePort, Ip destination, int destinationPort) {
    public Ends {
      if (source.family() != destination.family()) {
        throw new IllegalArgumentException(
            "a connection from %s to %s".formatted(source, destination));
      }
    }
  }

  /**
   * Makes one.
   *
   * @param pod the number of the port of the pod of this node that has the source's address; empty
   *     if none has: then it comes from the host, or from a peer, which makes no difference here
   */
  public static Probe of(LocalNode node, Ends ends, OptionalInt pod) {
    Side from = pod.isPresent() ? Side.POD : Side.GATEWAY;
    Mac router = pod.isPresent() ? node.gatewayMac() : Addresses.ROUTER_MAC;
    return new Probe(
        pod.orElse(node.gatewayPort()),
        List.of(
            Registers.SOURCE.set(from),
            Registers.PROBE.set(1),
            Action.Resubmit.to(Table.CONNTRACK.number())),
        Bits.of(frame(router, ends)));
  }

  private static byte[] frame(Mac router, Ends ends) {
    boolean v4 = ends.source.family() == Family.IPV4;
    int header = v4 ? IPV4 : IPV6;
    ByteBuffer frame = ByteBuffer.allocate(ETHERNET + header + UDP);
    frame.put(router.toByteArray()).put(router.toByteArray());
    frame.putShort((short) ends.source.family().etherType());
    if (v4) {
      frame.putShort((short) 0x4500).putShort((short) (IPV4 + UDP)).putInt(0x00004000);
      frame.put((byte) TTL).put((byte) Rule.UDP).putShort((short) 0);
    } else {
      frame.putInt(0x60000000).putShort((short) UDP).put((byte) Rule.UDP).put((byte) TTL);
    }
    frame.put(ends.source.value().toByteArray()).put(ends.destination.value().toByteArray());
    frame.putShort((short) ends.sourcePort).putShort((short) ends.destinationPort);
    frame.putShort((short) UDP).putShort((short) 0);
    byte[] bytes = frame.array();
    if (v4) {
      frame.putShort(ETHERNET + 10, checksum(bytes, ETHERNET, ETHERNET + IPV4, 0));
    }
    int addresses = ETHERNET + header - 2 * ends.source.value().size();
    short sum = checksum(bytes, addresses, bytes.length, Rule.UDP + UDP);
    frame.putShort(ETHERNET + header + 6, sum == 0 ? (short) 0xffff : sum);
    return bytes;
  }

  private static short checksum(byte[] bytes, int from, int to, long start) {
    long sum = start;
    for (int i = from; i < to; i += 2) {
      sum += ((bytes[i] & 0xff) << 8) + (bytes[i + 1] & 0xff);
    }
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }
}
