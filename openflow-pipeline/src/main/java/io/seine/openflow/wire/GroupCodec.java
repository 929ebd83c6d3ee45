package io.seine.openflow.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Group;
import io.seine.openflow.Group.Bucket;
import io.seine.openflow.Group.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Group-mods and the entries of a group description reply (OpenFlow 1.5, 7.3.4.3 and 7.3.5.11),
 * with the {@code selection_method} property of Open vSwitch. openflowj cannot express bucket
 * numbers.
 */
final class GroupCodec {
  private static final int ADD = 0;
  private static final int MODIFY = 1;
  private static final int DELETE = 2;
  private static final int INSERT_BUCKET = 3;
  private static final int REMOVE_BUCKET = 5;

  private static final int BUCKET_LAST = 0xfffffffe;
  private static final int BUCKET_ALL = 0xffffffff;
  private static final int ALL_GROUPS = 0xfffffffc;

  private static final int WEIGHT = 0;

  // "Netronome": the vendor of the selection method property.
  private static final int NTR = 0x0000154d;
  private static final int NTR_SELECTION_METHOD = 1;
  private static final int METHOD_LENGTH = 16;

  /** Room for the buckets of one message; the rest of the 65535 bytes is for headers. */
  private static final int MAX_BUCKET_BYTES = 60_000;

  private GroupCodec() {}

  /** The bytes that the buckets take in a group description reply. */
  static int descriptionBytes(Group.Type type, List<Bucket> buckets) {
    ByteBuf scratch = Unpooled.buffer();
    int bytes = 0;
    for (Bucket bucket : buckets) {
      scratch.clear();
      bucket(scratch, type, bucket);
      bytes += scratch.writerIndex();
    }
    return bytes;
  }

  static void write(ByteBuf out, int xid, Change change) {
    switch (change) {
      case Change.AddGroup c -> whole(out, xid, ADD, c.group());
      case Change.ModifyGroup c -> whole(out, xid, MODIFY, c.group());
      case Change.DeleteGroup c ->
          Wire.end(out, begin(out, xid, DELETE, Group.Type.ALL, c.groupId(), BUCKET_ALL));
      case Change.InsertBuckets c ->
          end(
              out,
              begin(out, xid, INSERT_BUCKET, c.type(), c.groupId(), BUCKET_LAST),
              c.type(),
              c.buckets());
      case Change.RemoveBucket c ->
          Wire.end(out, begin(out, xid, REMOVE_BUCKET, c.type(), c.groupId(), c.bucketId()));
      case Change.AddFlow c -> throw new IllegalArgumentException("not a change of a group: " + c);
      case Change.DeleteFlow c ->
          throw new IllegalArgumentException("not a change of a group: " + c);
    }
  }

  private static void whole(ByteBuf out, int xid, int command, Group group) {
    int start = begin(out, xid, command, group.type(), group.id(), BUCKET_ALL);
    buckets(out, start, group.type(), group.buckets());
    group.selection().ifPresent(selection -> selection(out, selection));
    Wire.end(out, start);
  }

  private static int begin(
      ByteBuf out, int xid, int command, Group.Type type, int group, int bucket) {
    int start = Wire.begin(out, Wire.GROUP_MOD, xid);
    out.writeShort(command).writeByte(typeNumber(type)).writeZero(1).writeInt(group);
    out.writeShort(0).writeZero(2).writeInt(bucket);
    return start;
  }

  private static void end(ByteBuf out, int start, Group.Type type, List<Bucket> buckets) {
    buckets(out, start, type, buckets);
    Wire.end(out, start);
  }

  private static void buckets(ByteBuf out, int start, Group.Type type, List<Bucket> buckets) {
    int first = out.writerIndex();
    for (Bucket bucket : buckets) {
      bucket(out, type, bucket);
    }
    out.setShort(start + 16, out.writerIndex() - first);
  }

  private static void bucket(ByteBuf out, Group.Type type, Bucket bucket) {
    int start = out.writerIndex();
    out.writeShort(0).writeShort(0).writeInt(bucket.id());
    ActionWriter.write(out, bucket.actions());
    out.setShort(start + 2, out.writerIndex() - start - 8);
    if (type == Group.Type.SELECT) {
      Properties.u16(out, WEIGHT, bucket.weight());
    }
    Wire.bits(out, bucket.otherProperties());
    Wire.setLength(out, start, 0);
  }

  private static void selection(ByteBuf out, Selection selection) {
    int start = out.writerIndex();
    out.writeShort(Properties.EXPERIMENTER).writeShort(0).writeInt(NTR);
    out.writeInt(NTR_SELECTION_METHOD).writeZero(4);
    byte[] method = selection.method().getBytes(ISO_8859_1);
    if (method.length >= METHOD_LENGTH) {
      throw new IllegalArgumentException("selection method " + selection.method());
    }
    out.writeBytes(method).writeZero(METHOD_LENGTH - method.length);
    out.writeLong(selection.param());
    for (FieldMatch field : selection.fields()) {
      Oxm.field(out, field.field(), field.value(), Optional.empty());
    }
    Wire.setLength(out, start, 2);
    Wire.pad8(out, start);
  }

  private static int typeNumber(Group.Type type) {
    return switch (type) {
      case ALL -> 0;
      case SELECT -> 1;
      case INDIRECT -> 2;
      case FAST_FAILOVER -> 3;
    };
  }

  private static Group.Type typeOf(int number) throws DecodeException {
    return switch (number) {
      case 0 -> Group.Type.ALL;
      case 1 -> Group.Type.SELECT;
      case 2 -> Group.Type.INDIRECT;
      case 3 -> Group.Type.FAST_FAILOVER;
      default -> throw new DecodeException("group type " + number);
    };
  }

  /**
   * The same change in steps of which each fits a message: a group of many buckets is added with
   * the first of them, and the others are inserted behind.
   */
  static List<Change> split(Change change) {
    return switch (change) {
      case Change.AddGroup c -> split(c.group(), true);
      case Change.ModifyGroup c -> split(c.group(), false);
      case Change.InsertBuckets c -> {
        List<Change> steps = new ArrayList<>();
        for (List<Bucket> part : parts(c.type(), c.buckets())) {
          steps.add(new Change.InsertBuckets(c.groupId(), c.type(), part));
        }
        yield steps.isEmpty() ? List.of(change) : steps;
      }
      default -> List.of(change);
    };
  }

  private static List<Change> split(Group group, boolean add) {
    List<List<Bucket>> parts = parts(group.type(), group.buckets());
    List<Bucket> firstPart = parts.isEmpty() ? List.of() : parts.getFirst();
    Group first = new Group(group.id(), group.type(), group.selection(), firstPart);
    List<Change> steps = new ArrayList<>();
    steps.add(add ? new Change.AddGroup(first) : new Change.ModifyGroup(first));
    for (int i = 1; i < parts.size(); i++) {
      steps.add(new Change.InsertBuckets(group.id(), group.type(), parts.get(i)));
    }
    return steps;
  }

  private static List<List<Bucket>> parts(Group.Type type, List<Bucket> buckets) {
    List<List<Bucket>> parts = new ArrayList<>();
    ByteBuf scratch = Unpooled.buffer();
    int from = 0;
    for (int i = 0; i < buckets.size(); i++) {
      int before = scratch.writerIndex();
      bucket(scratch, type, buckets.get(i));
      if (scratch.writerIndex() > MAX_BUCKET_BYTES && i > from) {
        parts.add(buckets.subList(from, i));
        from = i;
        scratch.readerIndex(before).discardReadBytes();
      }
    }
    if (from < buckets.size()) {
      parts.add(buckets.subList(from, buckets.size()));
    }
    return parts;
  }

  /** Asks for every group. */
  static void dumpBody(ByteBuf out) {
    out.writeInt(ALL_GROUPS).writeZero(4);
  }

  static List<Group> readAll(Input in) throws DecodeException {
    List<Group> groups = new ArrayList<>();
    while (in.remaining() > 0) {
      int length = in.copy().u16();
      if (length < 2) {
        throw new DecodeException("group entry with a length of " + length);
      }
      groups.add(read(in.slice(length)));
    }
    return groups;
  }

  private static Group read(Input in) throws DecodeException {
    in.skip(2);
    int type = in.u8();
    in.skip(1);
    int id = in.u32();
    int bucketBytes = in.u16();
    in.skip(6);
    List<Bucket> buckets = new ArrayList<>();
    Input bucketInput = in.slice(bucketBytes);
    while (bucketInput.remaining() > 0) {
      buckets.add(readBucket(bucketInput));
    }
    Optional<Selection> selection = Optional.empty();
    while (in.remaining() > 0) {
      Properties.Property property = Properties.read(in);
      Input value = property.value();
      if (property.type() == Properties.EXPERIMENTER
          && value.u32() == NTR
          && value.u32() == NTR_SELECTION_METHOD) {
        selection = Optional.of(readSelection(value));
      }
    }
    return new Group(id, typeOf(type), selection, buckets);
  }

  private static Bucket readBucket(Input in) throws DecodeException {
    int length = in.u16();
    if (length < 8) {
      throw new DecodeException("bucket with a length of " + length);
    }
    Input body = in.slice(length - 2);
    int actionBytes = body.u16();
    int id = body.u32();
    List<Action> actions = ActionReader.readAll(body.slice(actionBytes));
    int weight = 0;
    ByteBuf other = Unpooled.buffer(0);
    while (body.remaining() > 0) {
      Input raw = body.copy();
      Properties.Property property = Properties.read(body);
      if (property.type() == WEIGHT) {
        weight = property.value().u16();
      } else {
        Wire.bits(other, raw.bits(raw.remaining() - body.remaining()));
      }
    }
    return new Bucket(id, weight, actions, bitsOf(other));
  }

  private static Bits bitsOf(ByteBuf buffer) {
    return Bits.of(buffer.array(), 0, buffer.writerIndex());
  }

  private static Selection readSelection(Input in) throws DecodeException {
    in.skip(4);
    byte[] name = in.bits(METHOD_LENGTH).toByteArray();
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    long param = in.u64();
    return new Selection(new String(name, 0, length, ISO_8859_1), param, Oxm.readFields(in));
  }
}
