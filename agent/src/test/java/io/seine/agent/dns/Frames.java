package io.seine.agent.dns;

import io.seine.agent.packet.Bytes;

/** Frames with UDP, without checksums. */
final class Frames {
  private Frames() {}

  static byte[] counted(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  static byte[] udp4(byte[] payload) {
    byte[] frame = new byte[14 + 20 + 8 + payload.length];
    Bytes.put16(frame, 12, 0x0800);
    frame[14] = 0x45;
    Bytes.put16(frame, 16, frame.length - 14);
    frame[23] = 17;
    udp(frame, 34, payload);
    return frame;
  }

  static byte[] udp6(byte[] payload) {
    byte[] frame = new byte[14 + 40 + 8 + payload.length];
    Bytes.put16(frame, 12, 0x86dd);
    frame[14] = 0x60;
    Bytes.put16(frame, 18, 8 + payload.length);
    frame[20] = 17;
    udp(frame, 54, payload);
    return frame;
  }

  private static void udp(byte[] frame, int at, byte[] payload) {
    Bytes.put16(frame, at, 53);
    Bytes.put16(frame, at + 4, 8 + payload.length);
    System.arraycopy(payload, 0, frame, at + 8, payload.length);
  }
}
