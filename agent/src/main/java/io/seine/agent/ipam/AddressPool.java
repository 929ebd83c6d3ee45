package io.seine.agent.ipam;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The free addresses of one of the node's pod CIDRs.
 *
 * <p>Holds for every moment: an address is in use, resting, or free, and never two of them; the
 * network, the gateway (first) and, for IPv4, the broadcast address are none of them. Of an IPv6
 * CIDR, which may hold more addresses than can be remembered, the first {@value #MOST} are given.
 * It keeps nothing on disk: {@link #adopt} takes the addresses of the port rows, the rest is free.
 *
 * <p>A released address rests, so that what still remembers it (connections, caches, a peer's
 * endpoint list) does not reach another pod. Addresses that have rested long enough count as free.
 * Addresses are given in turn, going round the CIDR; resting ones only when no other is left, the
 * one released first before the others, and never before the shortest rest.
 *
 * <p>Thread safe; does no I/O.
 */
public final class AddressPool {
  public static final int LONGEST_PREFIX = 29;
  public static final int SHORTEST_PREFIX = 16;
  public static final int LONGEST_IPV6_PREFIX = 125;

  /** How many addresses of a CIDR there are at most, network and gateway included. */
  public static final int MOST = 65536;

  private static final int FAR = Integer.MAX_VALUE;

  private final IpPrefix cidr;
  private final Duration rest;
  private final Duration shortestRest;
  private final InstantSource clock;
  private final int last;

  private final Set<Integer> inUse = new HashSet<>();
  private final ArrayDeque<Resting> resting = new ArrayDeque<>();
  private final Set<Integer> restingOffsets = new HashSet<>();
  private int cursor = 2;

  private record Resting(int offset, Instant since) {}

  /**
   * How full the pool is.
   *
   * @param capacity addresses that pods can have at all
   */
  public record Usage(int inUse, int resting, int capacity) {
    public int free() {
      return capacity - inUse - resting;
    }

    @Override
    public String toString() {
      return inUse + " in use, " + resting + " resting, " + free() + " free of " + capacity;
    }
  }

  /**
   * @param cidr of prefix length 16 to 29, or 0 to 125 for IPv6
   * @param rest how long a released address is passed over while others are free
   * @param shortestRest how long it is not given even when nothing else is left; at most {@code
   *     rest}
   */
  public AddressPool(IpPrefix cidr, Duration rest, Duration shortestRest, InstantSource clock) {
    problem(cidr)
        .ifPresent(problem -> {
          throw new IllegalArgumentException(problem);
        });
    if (shortestRest.compareTo(rest) > 0) {
      throw new IllegalArgumentException("the shortest rest is longer than the rest");
    }
    this.cidr = cidr;
    this.rest = rest;
    this.shortestRest = shortestRest;
    this.clock = clock;
    int size = cidr.size().min(BigInteger.valueOf(MOST)).intValueExact();
    this.last = cidr.family() == Family.IPV4 ? size - 2 : size - 1;
  }

  /** Why pods cannot have addresses of the CIDR; empty if they can. */
  public static Optional<String> problem(IpPrefix cidr) {
    boolean four = cidr.family() == Family.IPV4;
    int shortest = four ? SHORTEST_PREFIX : 0;
    int longest = four ? LONGEST_PREFIX : LONGEST_IPV6_PREFIX;
    return cidr.length() < shortest || cidr.length() > longest
        ? Optional.of(
            "pod CIDR %s must have a prefix length from %d to %d"
                .formatted(cidr, shortest, longest))
        : Optional.empty();
  }

  /** The node's pod CIDR. */
  public IpPrefix cidr() {
    return cidr;
  }

  /** The first address, which the node's own port has. */
  public Ip gateway() {
    return cidr.network().plus(1);
  }

  /**
   * Takes addresses that port rows already hold; to be called before the first allocation. The turn
   * goes on after the highest of them, since what was released lately is likely to lie below.
   *
   * @return the addresses that cannot be leases of this pool: outside the CIDR or reserved
   */
  public synchronized Set<Ip> adopt(Collection<Ip> leased) {
    Set<Ip> strangers = new HashSet<>();
    for (Ip address : leased) {
      int offset = offsetOf(address);
      if (offset < 2 || offset > last) {
        strangers.add(address);
        continue;
      }
      inUse.add(offset);
      cursor = Math.max(cursor, offset + 1);
    }
    return strangers;
  }

  /** Gives the next address. */
  public synchronized Allocation allocate() {
    wakeRested();
    for (int step = 0, offset = cursor; step < last - 1; step++, offset++) {
      if (offset > last) {
        offset = 2;
      }
      if (!inUse.contains(offset) && !restingOffsets.contains(offset)) {
        cursor = offset + 1;
        return give(offset);
      }
    }
    Resting oldest = resting.peekFirst();
    if (oldest == null) {
      return new Allocation.Exhausted(cidr, usage(), Optional.empty());
    }
    Instant nextAt = oldest.since().plus(shortestRest);
    if (clock.instant().isBefore(nextAt)) {
      return new Allocation.Exhausted(cidr, usage(), Optional.of(nextAt));
    }
    resting.removeFirst();
    restingOffsets.remove(oldest.offset());
    return give(oldest.offset());
  }

  /** Gives exactly {@code wanted}, if it is free; a resting address is not. */
  public synchronized Allocation allocate(Ip wanted) {
    wakeRested();
    if (!cidr.contains(wanted)) {
      return new Allocation.Refused(wanted, "it is not in the node's pod CIDR " + cidr, true);
    }
    int offset = offsetOf(wanted);
    if (offset > last && cidr.family() == Family.IPV6) {
      return new Allocation.Refused(
          wanted, "of %s the first %d addresses are given".formatted(cidr, last + 1), true);
    }
    if (offset < 2 || offset > last) {
      return new Allocation.Refused(
          wanted, "the network, gateway and broadcast addresses are never given", true);
    }
    if (inUse.contains(offset)) {
      return new Allocation.Refused(wanted, "another pod has it", false);
    }
    if (restingOffsets.contains(offset)) {
      return new Allocation.Refused(wanted, "it was released a moment ago and rests", false);
    }
    return give(offset);
  }

  /** Ends a lease; the address rests. Without effect if it was not in use. */
  public synchronized void release(Ip address) {
    int offset = offsetOf(address);
    if (inUse.remove(offset)) {
      resting.addLast(new Resting(offset, clock.instant()));
      restingOffsets.add(offset);
    }
  }

  /** Takes back an allocation that no pod ever used: the address need not rest. */
  public synchronized void cancel(Ip address) {
    inUse.remove(offsetOf(address));
  }

  public synchronized Usage usage() {
    wakeRested();
    return new Usage(inUse.size(), resting.size(), last - 1);
  }

  private Allocation give(int offset) {
    inUse.add(offset);
    return new Allocation.Given(cidr.network().plus(offset));
  }

  /** 0, which is never given, for what is not in the CIDR. */
  private int offsetOf(Ip address) {
    if (!cidr.contains(address)) {
      return 0;
    }
    byte[] from = cidr.network().value().toByteArray();
    byte[] to = address.value().toByteArray();
    int low = from.length - Integer.BYTES;
    if (!Arrays.equals(from, 0, low, to, 0, low)) {
      return FAR;
    }
    int offset = ByteBuffer.wrap(to).getInt(low) - ByteBuffer.wrap(from).getInt(low);
    return offset < 0 ? FAR : offset;
  }

  private void wakeRested() {
    Instant rested = clock.instant().minus(rest);
    while (true) {
      Resting oldest = resting.peekFirst();
      if (oldest == null || oldest.since().isAfter(rested)) {
        return;
      }
      resting.removeFirst();
      restingOffsets.remove(oldest.offset());
    }
  }
}
