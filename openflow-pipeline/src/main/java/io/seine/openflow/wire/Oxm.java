package io.seine.openflow.wire;

import io.netty.buffer.ByteBuf;
import io.seine.openflow.BitRange;
import io.seine.openflow.Bits;
import io.seine.openflow.Field;
import io.seine.openflow.FieldId;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Match;
import io.seine.openflow.UnknownField;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Field headers, field values and matches (OpenFlow 1.5, section 7.2.3). openflowj keys fields by
 * an enum that lacks most of Open vSwitch's, so none of its match classes serve here.
 */
final class Oxm {
  private static final int EXPERIMENTER_CLASS = 0xffff;
  private static final int OXM_MATCH = 1;

  private Oxm() {}

  /** A field header: which field, whether a mask follows the value, and the bytes of both. */
  record Header(FieldId field, boolean masked, int payload) {}

  static void header(ByteBuf out, FieldId field, boolean masked) {
    int length = field.bytes() * (masked ? 2 : 1);
    boolean experimenter = field.oxmClass() == EXPERIMENTER_CLASS;
    out.writeShort(field.oxmClass());
    out.writeByte(field.number() << 1 | (masked ? 1 : 0));
    out.writeByte(experimenter ? length + 4 : length);
    if (experimenter && field instanceof UnknownField unknown) {
      out.writeInt(unknown.experimenter());
    }
  }

  static void field(ByteBuf out, FieldId field, Bits value, Optional<Bits> mask) {
    header(out, field, mask.isPresent());
    Wire.bits(out, value);
    if (mask.isPresent()) {
      Wire.bits(out, mask.get());
    }
  }

  /** Writes {@code ofp_match}, padded to 8 bytes. */
  static void match(ByteBuf out, Match match) {
    int start = out.writerIndex();
    out.writeShort(OXM_MATCH).writeShort(0);
    for (FieldMatch field : match.fields()) {
      field(out, field.field(), field.value(), field.mask());
    }
    Wire.setLength(out, start, 2);
    Wire.pad8(out, start);
  }

  static Header readHeader(Input in) throws DecodeException {
    int oxmClass = in.u16();
    int fieldAndMask = in.u8();
    int length = in.u8();
    int number = fieldAndMask >> 1;
    boolean masked = (fieldAndMask & 1) != 0;
    int experimenter = 0;
    if (oxmClass == EXPERIMENTER_CLASS) {
      experimenter = in.u32();
      length -= 4;
    }
    if (length < 0 || (masked && length % 2 != 0)) {
      throw new DecodeException(
          "field %04x:%d has a length of %d".formatted(oxmClass, number, length));
    }
    int bytes = masked ? length / 2 : length;
    Optional<Field> known =
        Field.find(oxmClass, number).or(() -> LegacyFields.find(oxmClass, number));
    if (known.isPresent() && known.get().bytes() == bytes) {
      return new Header(known.get(), masked, length);
    }
    return new Header(new UnknownField(oxmClass, number, bytes * 8, experimenter), masked, length);
  }

  static FieldMatch readField(Input in) throws DecodeException {
    Header header = readHeader(in);
    Bits value = in.bits(header.field().bytes());
    Optional<Bits> mask =
        header.masked() ? Optional.of(in.bits(header.field().bytes())) : Optional.empty();
    return new FieldMatch(header.field(), value, mask);
  }

  static List<FieldMatch> readFields(Input in) throws DecodeException {
    List<FieldMatch> fields = new ArrayList<>();
    while (in.remaining() > 0) {
      fields.add(readField(in));
    }
    return fields;
  }

  /** Reads {@code ofp_match} with its padding. */
  static Match readMatch(Input in) throws DecodeException {
    int type = in.u16();
    int length = in.u16();
    if (type != OXM_MATCH || length < 4) {
      throw new DecodeException("match of type %d and length %d".formatted(type, length));
    }
    Match match = toMatch(readFields(in.slice(length - 4)));
    in.skipUpTo(Wire.padding(length));
    return match;
  }

  static Match toMatch(List<FieldMatch> fields) throws DecodeException {
    try {
      return new Match(fields);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("match: " + e.getMessage(), e);
    }
  }

  /** Reads a header without a value, as in actions that name a field. */
  static FieldId readFieldId(Input in) throws DecodeException {
    Header header = readHeader(in);
    if (header.masked()) {
      throw new DecodeException("a mask on " + header.field().ovsName() + " where none can be");
    }
    return header.field();
  }

  static BitRange range(FieldId field, int from, int width) throws DecodeException {
    if (width < 1 || from < 0 || from + width > field.bits()) {
      throw new DecodeException(
          "bits %d..%d of %s, which has %d"
              .formatted(from, from + width - 1, field.ovsName(), field.bits()));
    }
    return new BitRange(field, from, from + width - 1);
  }

  /** {@code ofs_nbits}: the offset in the high 10 bits, the width less one in the low 6. */
  static int offsetAndWidth(BitRange range) {
    return range.from() << 6 | (range.width() - 1);
  }

  static BitRange range(FieldId field, int offsetAndWidth) throws DecodeException {
    return range(field, offsetAndWidth >> 6, (offsetAndWidth & 0x3f) + 1);
  }
}
