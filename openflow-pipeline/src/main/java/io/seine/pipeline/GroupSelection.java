package io.seine.pipeline;

import io.seine.openflow.Bits;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Group;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the switch picks an endpoint, in one place. The reasons and the figures are in {@code
 * docs/decisions/group-selection.md}; in short:
 *
 * <ul>
 *   <li>Up to {@link #MOST_BY_DP_HASH} endpoints by {@code dp_hash}: the datapath's own hash of
 *       addresses and ports, no upcall for a new connection. It is asked for by name, since what
 *       Open vSwitch does unasked leaves the ports of UDP out of the hash.
 *   <li>Beyond, by {@code hash} of the same fields, which costs an upcall for a new connection but
 *       takes any number of endpoints, inserted and removed one by one.
 * </ul>
 */
final class GroupSelection {
  /** As many as fit one message: a {@code dp_hash} group can only be written whole. */
  static final int MOST_BY_DP_HASH = 400;

  /** The parameter: algorithm 0 (OVS_HASH_ALG_L4) in the high 32 bits, basis 0 in the low ones. */
  private static final Group.Selection BY_DP_HASH = new Group.Selection("dp_hash", 0, List.of());

  private GroupSelection() {}

  /**
   * @param everyOne whether each new connection must come to the flows, as with affinity
   */
  static Optional<Group.Selection> of(
      ServiceFact.Protocol protocol, Family family, int endpoints, boolean everyOne) {
    return Optional.of(
        endpoints <= MOST_BY_DP_HASH && !everyOne ? BY_DP_HASH : byHash(protocol, family));
  }

  private static Group.Selection byHash(ServiceFact.Protocol protocol, Family family) {
    Stream<Field> ports =
        switch (protocol) {
          case TCP -> Stream.of(Field.TCP_SRC, Field.TCP_DST);
          case UDP -> Stream.of(Field.UDP_SRC, Field.UDP_DST);
          case SCTP -> Stream.of(Field.SCTP_SRC, Field.SCTP_DST);
        };
    List<FieldMatch> fields =
        Stream.concat(Stream.of(IpFields.source(family), IpFields.destination(family)), ports)
            .map(field -> FieldMatch.exact(field, Bits.ones(field.bytes())))
            .toList();
    return new Group.Selection("hash", 0, fields);
  }
}
