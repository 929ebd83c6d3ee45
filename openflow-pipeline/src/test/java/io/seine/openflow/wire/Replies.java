package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import java.util.Arrays;
import java.util.List;

/** What a switch would send: the encoders that the product does not need. */
final class Replies {
  private Replies() {}

  /** The body of a flow description reply with these flows. */
  static byte[] flows(List<Flow> flows) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(1).writeShort(0).writeZero(4);
    for (Flow flow : flows) {
      int start = out.writerIndex();
      out.writeShort(0).writeZero(2).writeByte(flow.table()).writeZero(1);
      out.writeShort(flow.priority()).writeShort(5).writeShort(6).writeZero(4);
      out.writeLong(0x5e1);
      Oxm.match(out, flow.match());
      int statistics = out.writerIndex();
      out.writeShort(0).writeShort(0);
      out.writeInt(0x80020008).writeInt(12).writeInt(345_000_000); // duration
      out.writeInt(0x80020208).writeInt(3).writeInt(0); // idle time
      out.writeInt(0x80020808).writeLong(77); // packets: field 4
      out.writeInt(0x80020a08).writeLong(7700); // bytes: field 5
      Wire.setLength(out, statistics, 2);
      Wire.pad8(out, statistics);
      FlowCodec.instructions(out, flow.actions());
      Wire.setLength(out, start, 0);
    }
    return bytes(out);
  }

  /** The body of a group description reply with these groups, made from group-mods. */
  static byte[] groups(List<Group> groups) {
    ByteBuf out = Unpooled.buffer();
    out.writeShort(7).writeShort(0).writeZero(4);
    for (Group group : groups) {
      ByteBuf mod = Unpooled.buffer();
      GroupCodec.write(mod, 1, new Change.AddGroup(group));
      int start = out.writerIndex();
      out.writeShort(0).writeByte(mod.getByte(10)).writeZero(1).writeInt(group.id());
      out.writeShort(mod.getShort(16)).writeZero(6);
      out.writeBytes(mod, 24, mod.writerIndex() - 24);
      Wire.setLength(out, start, 0);
    }
    return bytes(out);
  }

  static byte[] bytes(ByteBuf buffer) {
    return Arrays.copyOf(buffer.array(), buffer.writerIndex());
  }
}
