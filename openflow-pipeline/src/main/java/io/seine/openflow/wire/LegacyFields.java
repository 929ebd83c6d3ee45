package io.seine.openflow.wire;

import io.seine.openflow.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The names that fields had in Nicira's extended match before OpenFlow 1.2 ({@code meta-flow.h}).
 * Open vSwitch still reports them in learn(), output to a register and the zone of ct(), whatever
 * name was written. Only those whose value has the same form are here.
 */
final class LegacyFields {
  private static final int NXM_OF = 0x0000;
  private static final int NXM_NX = 0x0001;

  private static final Map<Integer, Field> FIELDS = new HashMap<>();

  static {
    put(NXM_OF, 1, Field.ETH_DST, Field.ETH_SRC, Field.ETH_TYPE);
    put(NXM_OF, 6, Field.IP_PROTO, Field.IPV4_SRC, Field.IPV4_DST);
    put(NXM_OF, 9, Field.TCP_SRC, Field.TCP_DST, Field.UDP_SRC, Field.UDP_DST);
    put(NXM_OF, 13, Field.ICMP_TYPE, Field.ICMP_CODE);
    put(NXM_OF, 15, Field.ARP_OP, Field.ARP_SPA, Field.ARP_TPA);
    put(NXM_NX, 16, Field.TUN_ID, Field.ARP_SHA, Field.ARP_THA);
    put(NXM_NX, 19, Field.IPV6_SRC, Field.IPV6_DST, Field.ICMPV6_TYPE, Field.ICMPV6_CODE);
    put(NXM_NX, 23, Field.ND_TARGET, Field.ND_SLL, Field.ND_TLL);
    put(NXM_NX, 27, Field.IPV6_LABEL, Field.IP_ECN);
    put(NXM_NX, 34, Field.TCP_FLAGS);
  }

  private LegacyFields() {}

  static Optional<Field> find(int oxmClass, int number) {
    return Optional.ofNullable(FIELDS.get(oxmClass << 8 | number));
  }

  private static void put(int oxmClass, int first, Field... fields) {
    for (int i = 0; i < fields.length; i++) {
      FIELDS.put(oxmClass << 8 | first + i, fields[i]);
    }
  }
}
