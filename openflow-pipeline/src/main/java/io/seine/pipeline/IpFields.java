package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Field;

/** The fields that hold addresses, by family. */
final class IpFields {
  private IpFields() {}

  static Field source(Family family) {
    return family == Family.IPV4 ? Field.IPV4_SRC : Field.IPV6_SRC;
  }

  static Field destination(Family family) {
    return family == Family.IPV4 ? Field.IPV4_DST : Field.IPV6_DST;
  }

  /** The far end of a tunnel that a packet came by, whose own family is given. */
  static Field tunnelSource(Family family) {
    return family == Family.IPV4 ? Field.TUN_SRC : Field.TUN_IPV6_SRC;
  }

  /** The far end of the tunnel that it is to leave by. */
  static Field tunnelDestination(Family family) {
    return family == Family.IPV4 ? Field.TUN_DST : Field.TUN_IPV6_DST;
  }
}
