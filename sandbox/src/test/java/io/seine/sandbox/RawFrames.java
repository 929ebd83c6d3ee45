package io.seine.sandbox;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.seine.sandbox.netns.Namespace;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** Frames of any content, sent by packet(7) from inside a namespace as a root process there can. */
final class RawFrames {
  static final String BROADCAST = "ff:ff:ff:ff:ff:ff";
  private static final int AF_PACKET = 17;
  private static final int SOCK_RAW = 3;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle SOCKET = bind("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle INDEX = bind("if_nametoindex", JAVA_INT, ADDRESS);
  private static final MethodHandle SENDTO =
      bind("sendto", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = bind("close", JAVA_INT, JAVA_INT);

  private RawFrames() {}

  /** Sends the frames through eth0 of a pod. */
  static void send(Namespace from, List<byte[]> frames) {
    boolean _ =
        from.call(() -> {
          try (Arena arena = Arena.ofConfined()) {
            int index = (int) INDEX.invokeExact(arena.allocateFrom("eth0"));
            int fd = (int) SOCKET.invokeExact(AF_PACKET, SOCK_RAW, 0);
            try {
              MemorySegment to = arena.allocate(20, 4); // struct sockaddr_ll
              to.set(JAVA_SHORT, 0, (short) AF_PACKET);
              to.set(JAVA_INT, 4, index);
              to.set(JAVA_BYTE, 11, (byte) 6);
              for (byte[] frame : frames) {
                MemorySegment data = arena.allocateFrom(JAVA_BYTE, frame);
                long sent = (long) SENDTO.invokeExact(fd, data, (long) frame.length, 0, to, 20);
                if (sent != frame.length) {
                  throw new IllegalStateException("a frame was not sent from " + from.name());
                }
              }
            } finally {
              int _ = (int) CLOSE.invokeExact(fd);
            }
          } catch (RuntimeException e) {
            throw e;
          } catch (Throwable e) {
            throw new LinkageError("frames cannot be sent", e);
          }
          return true;
        });
  }

  /** What is said in ARP: who (MAC, address) says it to or asks it of whom. */
  static byte[] arp(int operation, String sha, String spa, String tha, String tpa) {
    ByteBuffer body = ByteBuffer.allocate(28);
    body.putShort((short) 1).putShort((short) 0x0800).put((byte) 6).put((byte) 4);
    body.putShort((short) operation).put(mac(sha)).put(ip(spa)).put(mac(tha)).put(ip(tpa));
    return body.array();
  }

  /** An ICMP echo request that its receiver would answer. */
  static byte[] echo(String source, String destination) {
    ByteBuffer icmp = ByteBuffer.allocate(16);
    icmp.put((byte) 8).position(4).putShort((short) 0x5e1e).putShort((short) 1);
    icmp.putShort(2, checksum(icmp.array(), 16));
    ByteBuffer packet = ByteBuffer.allocate(36);
    packet.put((byte) 0x45).put((byte) 0).putShort((short) 36).putInt(0);
    packet.put((byte) 64).put((byte) 1).putShort((short) 0).put(ip(source)).put(ip(destination));
    packet.putShort(10, checksum(packet.array(), 20));
    return packet.put(icmp.array()).array();
  }

  static byte[] frame(String destination, String source, int type, byte[] body) {
    ByteBuffer frame = ByteBuffer.allocate(Math.max(60, 14 + body.length));
    frame.put(mac(destination)).put(mac(source)).putShort((short) type).put(body);
    return frame.array();
  }

  /** The same in VLAN 0, which carries only a priority. */
  static byte[] tagged(byte[] frame) {
    ByteBuffer tagged = ByteBuffer.allocate(frame.length + 4);
    tagged.put(frame, 0, 12).putShort((short) 0x8100).putShort((short) 0);
    return tagged.put(frame, 12, frame.length - 12).array();
  }

  private static byte[] mac(String text) {
    return HexFormat.ofDelimiter(":").parseHex(text);
  }

  private static byte[] ip(String text) {
    return InetAddress.ofLiteral(text).getAddress();
  }

  private static short checksum(byte[] bytes, int length) {
    int sum = 0;
    for (int i = 0; i < length; i += 2) {
      sum += Short.toUnsignedInt(ByteBuffer.wrap(bytes).getShort(i));
    }
    sum = (sum & 0xffff) + (sum >>> 16);
    return (short) ~((sum & 0xffff) + (sum >>> 16));
  }

  private static MethodHandle bind(String name, MemoryLayout result, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, parameters));
  }
}
