package io.seine.pipeline;

import io.seine.openflow.Flow;
import java.util.Optional;

/**
 * The cookie of each flow that Seine writes: whose kind it is, and a hash of what it says.
 *
 * <pre>
 *  63         52 51   48 47                                          0
 * +-------------+-------+---------------------------------------------+
 * |    0x5e1    | kind  |  low 48 bits of the flow's Fingerprint      |
 * +-------------+-------+---------------------------------------------+
 * </pre>
 *
 * A flow whose cookie does not fit its content was not written, or not left, by Seine.
 */
public final class Cookie {
  public static final long MAGIC = 0x5e1L;

  private static final long HASH_MASK = (1L << 48) - 1;

  private Cookie() {}

  public static long of(Owner.Kind kind, Flow flow) {
    return of(kind, Fingerprint.of(flow));
  }

  /** As {@link #of(Owner.Kind, Flow)}, when the flow's fingerprint is known. */
  public static long of(Owner.Kind kind, long fingerprint) {
    return MAGIC << 52 | (long) kind.code() << 48 | (fingerprint & HASH_MASK);
  }

  /**
   * Of the flows that remember the clients of an endpoint: a bucket of a group. Another timeout is
   * another cookie, so that with the flow that taught the old one goes what it taught: the switch
   * never changes the timeout of a flow that is there.
   *
   * @param idleTimeout of the learned flows, in seconds, 0 for none
   */
  public static long learned(int groupId, int bucketId, int idleTimeout) {
    return of(
        Owner.Kind.LEARNED,
        Fingerprint.of(
            "learned",
            Integer.toUnsignedString(groupId),
            Integer.toUnsignedString(bucketId),
            Integer.toString(idleTimeout)));
  }

  /** The kind in the cookie; empty if it is not one of Seine's. */
  public static Optional<Owner.Kind> kind(long cookie) {
    if (cookie >>> 52 != MAGIC) {
      return Optional.empty();
    }
    int code = (int) (cookie >>> 48 & 0xf);
    for (Owner.Kind kind : Owner.Kind.values()) {
      if (kind.code() == code) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** Whether Seine wrote this flow, with this cookie, as it stands. */
  public static boolean fits(long cookie, Flow flow) {
    return kind(cookie).isPresent() && ((cookie ^ Fingerprint.of(flow)) & HASH_MASK) == 0;
  }
}
