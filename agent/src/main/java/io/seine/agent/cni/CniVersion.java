package io.seine.agent.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The versions of the CNI specification that are spoken, oldest first. */
enum CniVersion {
  V0_3_1("0.3.1"),
  V0_4_0("0.4.0"),
  V1_0_0("1.0.0"),
  V1_1_0("1.1.0");

  static final CniVersion NEWEST = V1_1_0;

  private final String text;

  CniVersion(String text) {
    this.text = text;
  }

  static Optional<CniVersion> of(String text) {
    return Arrays.stream(values()).filter(v -> v.text.equals(text)).findFirst();
  }

  static List<String> all() {
    return Arrays.stream(values()).map(v -> v.text).toList();
  }

  /** Whether {@code ips} entries say their IP version, as they did before 1.0.0. */
  boolean ipsNameTheirVersion() {
    return compareTo(V1_0_0) < 0;
  }

  /** Whether {@code interfaces} entries have the MTU. */
  boolean interfacesHaveMtu() {
    return compareTo(V1_1_0) >= 0;
  }

  boolean has(CniCommand command) {
    return compareTo(command.since()) >= 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
