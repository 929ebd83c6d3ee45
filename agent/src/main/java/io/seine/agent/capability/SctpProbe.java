package io.seine.agent.capability;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Ipv4;
import io.seine.openflow.Ports;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.pipeline.Zones;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether the switch translates the ports of SCTP: it has a packet translated, in a zone
 * of connection tracking of its own, and handed back. Open vSwitch 3.1 in user space translates the
 * address only, 3.5 both; on the kernel datapath it depends on the kernel.
 *
 * <p>The packet is sent through the actions alone: it meets no flow, leaves by no port, and what is
 * handed back comes to the connection of the probe only. All addresses are link-local.
 */
final class SctpProbe {
  /** What {@code controller(id=...)} names; the agent's own connection has another. */
  private static final int CONTROLLER_ID = 0x5e1;

  private static final Bits USERDATA = Bits.of(3, 1);
  private static final int ATTEMPTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Ipv4 CLIENT = Ipv4.parse("169.254.0.250");
  private static final Ipv4 SERVICE = Ipv4.parse("169.254.0.251");
  static final Ipv4 ENDPOINT = Ipv4.parse("169.254.0.249");
  private static final int SERVICE_PORT = 5000;
  static final int ENDPOINT_PORT = 6000;

  private static final int IP = 14;
  private static final int SCTP = IP + 20;
  private static final int CHECKSUM = SCTP + 8;

  private final RandomGenerator random;

  /**
   * @param random a port for each attempt, since a connection that is known is translated as it was
   *     at first
   */
  SctpProbe(RandomGenerator random) {
    this.random = random;
  }

  boolean translatesPorts(Path socket) throws SwitchException, InterruptedException {
    SwitchException failure = new SwitchException("nobody was asked");
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return attempt(socket);
      } catch (SwitchException e) {
        // After a long time without any, Open vSwitch may drop the first connection at once.
        failure = e;
      }
    }
    throw failure;
  }

  private boolean attempt(Path socket) throws SwitchException, InterruptedException {
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    ConnectionOptions options = ConnectionOptions.DEFAULT.withControllerId(CONTROLLER_ID);
    try (OpenFlowConnection connection = OpenFlowConnection.connect(socket, options)) {
      connection.onPacketIn(packet -> {
        if (packet.userdata().equals(USERDATA)) {
          answers.add(packet.data().toByteArray());
        }
      });
      connection.packetOut(Ports.LOCAL, actions(), init(1024 + random.nextInt(60_000)));
      byte @Nullable [] answer = answers.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      if (answer == null) {
        throw new SwitchException(
            "%s did not hand back a packet: whether it translates the ports of SCTP is not known"
                .formatted(connection.name()));
      }
      return isTranslated(answer);
    }
  }

  private static List<Action> actions() {
    Action.Ct translate =
        new Action.Ct(
            true,
            false,
            OptionalInt.empty(),
            new Action.Zone.Fixed(Zones.PROBE.number()),
            Optional.of(Action.Nat.destination(ENDPOINT.value(), ENDPOINT_PORT)),
            0,
            List.of());
    return List.of(translate, Action.Controller.of(CONTROLLER_ID, USERDATA));
  }

  /** The first packet of a connection (INIT; RFC 9260, section 3.3.2). */
  static byte[] init(int fromPort) {
    ByteBuffer frame = ByteBuffer.allocate(SCTP + 32);
    frame.put(new byte[] {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}).putShort((short) 0x0800);
    frame.putShort((short) 0x4500).putShort((short) 52).putInt(0x00004000);
    frame.put((byte) 64).put((byte) 132).putShort((short) 0);
    frame.putInt(CLIENT.bits()).putInt(SERVICE.bits());
    frame.putShort((short) fromPort).putShort((short) SERVICE_PORT).putInt(0).putInt(0);
    // type and flags, length, initiate tag, window, streams each way, first number
    frame.putShort((short) 0x0100).putShort((short) 20).putInt(0x5e1e5e1e).putInt(65536);
    frame.putShort((short) 1).putShort((short) 1).putInt(1);
    frame.putShort(IP + 10, headerChecksum(frame));
    frame.order(ByteOrder.LITTLE_ENDIAN).putInt(CHECKSUM, checksum(frame.array()));
    return frame.array();
  }

  /** Whether the packet goes to the endpoint's port now, and an endpoint would take it so. */
  static boolean isTranslated(byte[] packet) {
    if (packet.length < SCTP + 12) {
      return false;
    }
    ByteBuffer frame = ByteBuffer.wrap(packet);
    return frame.getInt(IP + 16) == ENDPOINT.bits()
        && (frame.getShort(SCTP + 2) & 0xffff) == ENDPOINT_PORT
        && frame.order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM) == checksum(packet);
  }

  private static short headerChecksum(ByteBuffer frame) {
    int sum = 0;
    for (int i = IP; i < SCTP; i += 2) {
      sum += frame.getShort(i) & 0xffff;
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return (short) ~((sum & 0xffff) + (sum >>> 16));
  }

  /** Of all from the SCTP header on, taking its own place as zero (RFC 9260, appendix A). */
  private static int checksum(byte[] packet) {
    CRC32C crc = new CRC32C();
    crc.update(packet, SCTP, 8);
    crc.update(new byte[4]);
    crc.update(packet, CHECKSUM + 4, packet.length - CHECKSUM - 4);
    return (int) crc.getValue();
  }
}
