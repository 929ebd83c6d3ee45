package io.seine.openflow.testing;

import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * SCTP packets for tests (RFC 9260, section 3): the kernel needs to know nothing of SCTP, and the
 * checksum is looked at, since a kernel that does would drop a packet with a wrong one.
 */
public final class Sctp {
  private static final int PROTOCOL = 132;
  private static final int COMMON_HEADER = 12;
  private static final int CHECKSUM = 8;

  /** What both ends choose for packets to them to carry; an INIT carries none yet. */
  private static final int TAG = 0x5e1e5e1e;

  private Sctp() {}

  /** The four packets that start an association, in their order, and what ends it at once. */
  public enum Chunk {
    INIT(1, 20),
    INIT_ACK(2, 20),
    COOKIE_ECHO(10, 8),
    COOKIE_ACK(11, 4),
    ABORT(6, 4);

    private final int type;
    private final int length;

    Chunk(int type, int length) {
      this.type = type;
      this.length = length;
    }

    private static Chunk of(int type) {
      for (Chunk chunk : values()) {
        if (chunk.type == type) {
          return chunk;
        }
      }
      throw new IllegalArgumentException("a chunk of type " + type);
    }
  }

  /** A packet of one chunk, as it was sent or seen. */
  public record Segment(Ip from, int fromPort, Ip to, int toPort, Chunk chunk) {
    /** The answer to it, of this kind. */
    public Segment answer(Chunk kind) {
      return new Segment(to, toPort, from, fromPort, kind);
    }

    /** The next of the same way, of this kind. */
    public Segment then(Chunk kind) {
      return new Segment(from, fromPort, to, toPort, kind);
    }

    /** In an Ethernet frame between any MACs, with its checksum. */
    public byte[] frame() {
      ByteBuffer body = ByteBuffer.allocate(COMMON_HEADER + chunk.length);
      body.putShort((short) fromPort).putShort((short) toPort);
      body.putInt(chunk == Chunk.INIT ? 0 : TAG).putInt(0);
      body.put((byte) chunk.type).put((byte) 0).putShort((short) chunk.length);
      if (chunk == Chunk.INIT || chunk == Chunk.INIT_ACK) {
        body.putInt(TAG).putInt(65536).putShort((short) 1).putShort((short) 1).putInt(1);
      }
      body.order(ByteOrder.LITTLE_ENDIAN).putInt(CHECKSUM, checksum(body.array()));
      return Packets.ip(from.value(), to.value(), PROTOCOL, body.array());
    }

    @Override
    public String toString() {
      return "%s %s:%d > %s:%d"
          .formatted(chunk, from.bracketed(), fromPort, to.bracketed(), toPort);
    }
  }

  /**
   * What is in a frame; empty when it is not SCTP.
   *
   * @throws IllegalArgumentException when its checksum is wrong
   */
  public static Optional<Segment> read(byte[] frame) {
    ByteBuffer packet = ByteBuffer.wrap(frame);
    int type = packet.getShort(12) & 0xffff;
    boolean v4 = type == 0x0800;
    if ((!v4 && type != 0x86dd) || frame[v4 ? 23 : 20] != (byte) PROTOCOL) {
      return Optional.empty();
    }
    int size = v4 ? 4 : 16;
    int source = v4 ? 26 : 22;
    int start = v4 ? 34 : 54;
    int end = v4 ? 14 + packet.getShort(16) : start + packet.getShort(18);
    byte[] body = Bits.of(frame, start, end - start).toByteArray();
    ByteBuffer sctp = ByteBuffer.wrap(body);
    Segment segment =
        new Segment(
            Ip.of(Bits.of(frame, source, size)),
            sctp.getShort(0) & 0xffff,
            Ip.of(Bits.of(frame, source + size, size)),
            sctp.getShort(2) & 0xffff,
            Chunk.of(body[COMMON_HEADER]));
    if (sctp.order(ByteOrder.LITTLE_ENDIAN).getInt(CHECKSUM) != checksum(body)) {
      throw new IllegalArgumentException("the checksum is wrong: " + segment);
    }
    return Optional.of(segment);
  }

  /** CRC32c of all, its own place taken as zero (RFC 9260, appendix A). */
  private static int checksum(byte[] body) {
    CRC32C crc = new CRC32C();
    crc.update(body, 0, CHECKSUM);
    crc.update(new byte[4]);
    crc.update(body, CHECKSUM + 4, body.length - CHECKSUM - 4);
    return (int) crc.getValue();
  }
}
