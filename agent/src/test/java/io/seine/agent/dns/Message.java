package io.seine.agent.dns;

import io.seine.openflow.Ip;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes DNS messages, good ones and others. */
final class Message {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int answers;

  static Message answerTo(String name) {
    return new Message(0x8180, 1).name(name).u16(1).u16(1);
  }

  static Message withFlags(int flags, String name) {
    return new Message(flags, 1).name(name).u16(1).u16(1);
  }

  Message(int flags, int questions) {
    u16(0x1234).u16(flags).u16(questions).u16(0).u16(0).u16(0);
  }

  Message u8(int value) {
    out.write(value);
    return this;
  }

  Message u16(int value) {
    return u8(value >> 8).u8(value);
  }

  Message name(String name) {
    for (String label : name.split("\\.", -1)) {
      label(label);
    }
    return u8(0);
  }

  Message label(String label) {
    byte[] bytes = label.getBytes(StandardCharsets.ISO_8859_1);
    u8(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  /** Where the question's name is. */
  Message pointer(int to) {
    return u16(0xc000 | to);
  }

  Message address(String owner, String address, long ttl) {
    return name(owner).data(address, ttl);
  }

  Message data(String address, long ttl) {
    byte[] bytes = Ip.parse(address).value().toByteArray();
    answers++;
    u16(bytes.length == 4 ? 1 : 28).u16(1).u16((int) (ttl >> 16)).u16((int) ttl).u16(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  Message alias(String owner, String target, int ttl) {
    answers++;
    return name(owner).u16(5).u16(1).u16(0).u16(ttl).u16(target.length() + 2).name(target);
  }

  Message text(String owner, int length) {
    answers++;
    name(owner).u16(16).u16(1).u16(0).u16(60).u16(length);
    out.writeBytes(new byte[length]);
    return this;
  }

  byte[] bytes() {
    return bytes(answers);
  }

  /** Saying that there are so many answers. */
  byte[] bytes(int said) {
    byte[] bytes = out.toByteArray();
    bytes[6] = (byte) (said >> 8);
    bytes[7] = (byte) said;
    return bytes;
  }
}
