package io.seine.openflow;

/** A version of the Internet Protocol. */
public enum Family {
  IPV4(32, 0x0800),
  IPV6(128, 0x86dd);

  private final int bits;
  private final int etherType;

  Family(int bits, int etherType) {
    this.bits = bits;
    this.etherType = etherType;
  }

  /** The length of an address, in bits. */
  public int bits() {
    return bits;
  }

  /** What {@code eth_type} says of its packets. */
  public int etherType() {
    return etherType;
  }
}
