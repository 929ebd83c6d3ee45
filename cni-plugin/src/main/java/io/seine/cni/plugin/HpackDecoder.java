package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes header blocks (RFC 7541). One decoder serves one connection, because the dynamic table
 * lives as long; every fault is fatal to the connection.
 */
final class HpackDecoder {
  /**
   * The most that the fields of one block may count for together, in the sense of
   * SETTINGS_MAX_HEADER_LIST_SIZE.
   */
  static final int MAX_LIST_SIZE = 64 << 10;

  private final HpackTable table = new HpackTable();
  private byte[] block = new byte[0];
  private int position;

  /** Decodes a complete header block. */
  List<HeaderField> decode(byte[] headerBlock) throws CallException {
    block = headerBlock;
    position = 0;
    List<HeaderField> fields = new ArrayList<>();
    int listSize = 0;
    boolean atStart = true;
    while (position < block.length) {
      int first = block[position] & 0xff;
      if ((first & 0xe0) == 0x20) {
        if (!atStart) {
          throw CallException.protocol("header table size changed within a header block");
        }
        table.resize(integer(5));
        continue;
      }
      atStart = false;
      HeaderField field = (first & 0x80) != 0 ? table.get(integer(7)) : literal(first);
      listSize += field.tableSize();
      if (listSize > MAX_LIST_SIZE) {
        throw CallException.protocol("more than " + MAX_LIST_SIZE + " bytes of headers");
      }
      fields.add(field);
    }
    return fields;
  }

  HpackTable table() {
    return table;
  }

  /** A literal with incremental indexing (01), without indexing (0000) or never indexed (0001). */
  private HeaderField literal(int first) throws CallException {
    boolean indexed = (first & 0x40) != 0;
    int nameIndex = integer(indexed ? 6 : 4);
    String name = nameIndex == 0 ? string() : table.get(nameIndex).name();
    HeaderField field = new HeaderField(name, string());
    if (indexed) {
      table.add(field);
    }
    return field;
  }

  private String string() throws CallException {
    if (position == block.length) {
      throw truncated();
    }
    boolean huffman = block[position] < 0;
    int length = integer(7);
    if (length > block.length - position) {
      throw truncated();
    }
    int start = position;
    position += length;
    return huffman
        ? Huffman.decode(block, start, length)
        : new String(block, start, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * An integer with a prefix of so many bits (RFC 7541, section 5.1); no value above 2^28 has a use
   * here.
   */
  private int integer(int prefixBits) throws CallException {
    int mask = (1 << prefixBits) - 1;
    int value = block[position++] & mask;
    if (value < mask) {
      return value;
    }
    for (int shift = 0; shift <= 21; shift += 7) {
      if (position == block.length) {
        throw truncated();
      }
      byte b = block[position++];
      value += (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw CallException.protocol("a number in the headers is too large");
  }

  private static CallException truncated() {
    return CallException.protocol("a header block ends within a field");
  }
}
