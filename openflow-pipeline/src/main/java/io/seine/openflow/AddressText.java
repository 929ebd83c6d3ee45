package io.seine.openflow;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** MAC and IP addresses and their masks as text. */
final class AddressText {
  private static final int GROUPS = 8;

  private AddressText() {}

  static String mac(Bits value) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < value.size(); i++) {
      text.append(i == 0 ? "" : ":").append("%02x".formatted(value.at(i)));
    }
    return text.toString();
  }

  static String ip(Bits value) {
    if (value.size() == 16) {
      return ipv6(value);
    }
    try {
      return InetAddress.getByAddress(value.toByteArray()).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(value + " is no address", e);
    }
  }

  /** {@code /24}, or the mask itself when it is not a prefix. */
  static String prefix(Bits mask) {
    int ones = 0;
    while (ones < mask.size() * 8 && bit(mask, ones)) {
      ones++;
    }
    for (int i = ones; i < mask.size() * 8; i++) {
      if (bit(mask, i)) {
        return "/" + ip(mask);
      }
    }
    return "/" + ones;
  }

  private static boolean bit(Bits bits, int index) {
    return (bits.at(index / 8) >> (7 - index % 8) & 1) != 0;
  }

  /** RFC 5952: the longest run of two or more zero groups is written as two colons. */
  private static String ipv6(Bits value) {
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < GROUPS; i++) {
      int length = 0;
      while (i + length < GROUPS && group(value, i + length) == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
      } else {
        boolean separate = i > 0 && i != runStart + runLength;
        text.append(separate || (i > 0 && runStart < 0) ? ":" : "");
        text.append(Integer.toHexString(group(value, i)));
      }
    }
    return text.toString();
  }

  private static int group(Bits value, int index) {
    return value.at(index * 2) << 8 | value.at(index * 2 + 1);
  }
}
