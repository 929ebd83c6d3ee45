package io.seine.openflow;

/** What names a field on the wire: one that Seine knows, or one it met in someone else's flow. */
public sealed interface FieldId permits Field, UnknownField {
  /** The name that {@code ovs-ofctl} prints. */
  String ovsName();

  /** The OXM class, 16 bits. */
  int oxmClass();

  /** The field number in its class, 7 bits. */
  int number();

  /** The width of the value in bits. */
  int bits();

  /** The width of the value on the wire in bytes, 1 to 16 for known fields. */
  default int bytes() {
    return (bits() + 7) / 8;
  }
}
