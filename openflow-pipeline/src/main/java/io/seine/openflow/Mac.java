package io.seine.openflow;

import java.util.HexFormat;

/** An Ethernet address, in the low 48 bits. */
public record Mac(long bits) {
  public Mac {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException(
          "an Ethernet address has 48 bits: " + Long.toHexString(bits));
    }
  }

  /**
   * Reads six pairs of hexadecimal digits with colons between.
   *
   * @throws IllegalArgumentException if {@code text} is anything else
   */
  public static Mac parse(String text) {
    if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
      throw new IllegalArgumentException("'" + text + "' is not an Ethernet address");
    }
    return new Mac(HexFormat.fromHexDigitsToLong(text.replace(":", "")));
  }

  /** The value as its six bytes. */
  public byte[] toByteArray() {
    return Bits.of(bits, 6).toByteArray();
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(toByteArray());
  }
}
