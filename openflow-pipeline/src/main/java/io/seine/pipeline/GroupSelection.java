package io.seine.pipeline;

import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.Group;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the switch picks an endpoint, in one place. The reasons and the figures are in {@code
 * docs/decisions/group-selection.md}; in short:
 *
 * <ul>
 *   <li>By {@code dp_hash} where its slots can be shared out fairly: the datapath hashes addresses
 *       and ports itself, and a new connection costs no upcall. It is asked for by name, since what
 *       Open vSwitch does unasked leaves the ports of UDP out of the hash.
 *   <li>Otherwise by {@code hash} of the same fields: fair for any number, for an upcall a new
 *       connection.
 *   <li>Beyond {@link #MOST_IN_ONE} endpoints by {@code hash} twice, over sub-groups of nearly
 *       equal size and then inside one.
 * </ul>
 */
final class GroupSelection {
  /** The most slots that Open vSwitch gives a {@code dp_hash} group. */
  static final int SLOTS = 256;

  /**
   * A group beyond 64 KiB, some 500 of our buckets, ends ovs-vswitchd when someone dumps it, and
   * the scores of {@code hash} have 16 bits, so that with many buckets draws favour the later one.
   */
  static final int MOST_IN_ONE = SLOTS;

  /** Sub-groups have more than half of this, so that one more or less makes little difference. */
  private static final int MOST_IN_SUB_GROUP = 200;

  /** Of 256: an endpoint's share is at most one 32nd more or less than fair. */
  private static final int TOLERANCE = SLOTS / 32;

  /** The parameter: algorithm 0 (OVS_HASH_ALG_L4) in the high 32 bits, basis 0 in the low ones. */
  static final Group.Selection BY_DP_HASH = new Group.Selection("dp_hash", 0, List.of());

  private GroupSelection() {}

  /**
   * The weights that make Open vSwitch give fair slots to this many endpoints, or empty where no
   * weights do. When there is one more weight than endpoints, the last is for a second bucket of
   * the first endpoint.
   *
   * <p>Open vSwitch takes the next power of two above sum / least weight, at least 16, as the
   * number of slots. Equal weights are right for powers of two. Otherwise a bucket of weight 1 and
   * a sum of 256 make it 256 slots, and each weight is a number of slots.
   */
  static Optional<List<Integer>> slots(int endpoints) {
    int least = SLOTS / endpoints;
    int left = SLOTS % endpoints;
    if (left == 0) {
      return Optional.of(Collections.nCopies(endpoints, least));
    }
    if (!fair(least, endpoints) || !fair(least + 1, endpoints)) {
      return Optional.empty();
    }
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      slots.add(i > 0 && i < left ? least + 1 : least);
    }
    slots.add(1);
    return Optional.of(slots);
  }

  private static boolean fair(int slots, int endpoints) {
    return Math.abs(slots * endpoints - SLOTS) <= TOLERANCE;
  }

  /** Into how many groups they go: a power of two, so that it rarely changes. */
  static int subGroups(int endpoints) {
    int groups = 1;
    while (endpoints > MOST_IN_ONE && endpoints > groups * MOST_IN_SUB_GROUP) {
      groups *= 2;
    }
    return groups;
  }

  /**
   * By the addresses and ports of a connection.
   *
   * @param level 0 among endpoints, 1 among groups of them. Different ones make different hashes,
   *     and a group that goes from one to the other is rewritten rather than changed bucket by
   *     bucket.
   */
  static Group.Selection byHash(ServiceFact.Protocol protocol, Family family, int level) {
    Stream<Field> addresses = Stream.of(IpFields.source(family), IpFields.destination(family));
    Stream<Field> ports =
        switch (protocol) {
          case TCP -> Stream.of(Field.TCP_SRC, Field.TCP_DST);
          case UDP -> Stream.of(Field.UDP_SRC, Field.UDP_DST);
          case SCTP -> Stream.of(Field.SCTP_SRC, Field.SCTP_DST);
        };
    return new Group.Selection(
        "hash", level, Stream.concat(addresses, ports).map(Group.Selection::hashed).toList());
  }
}
