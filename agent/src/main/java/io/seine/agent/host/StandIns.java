package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.Owner;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which address stands in for which external address between the host and the switch. The host
 * cannot route an external address to the switch without taking all of its ports from whoever else
 * serves them; so it puts a stand-in into the packets of the service's port only.
 *
 * <p>A stand-in is found by the hash of the external address, or is the next free one: the same on
 * every node and after every start, as long as no two hashes are alike. What the kernel had from an
 * earlier run is taken over, so that connections in progress go on in any case.
 *
 * <p>Thread safe.
 */
public final class StandIns {
  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(62);

  private final Map<Family, IpPrefix> ranges;
  private final Map<Ip, Ip> byExternal = new HashMap<>();
  private final Map<Ip, Ip> byStandIn = new HashMap<>();
  private final Map<Owner, Set<Ip>> used = new HashMap<>();
  private final Map<Ip, Integer> uses = new HashMap<>();

  /** Takes stand-ins from {@link Addresses#standIns}. */
  public StandIns() {
    this(Addresses.standIns(Family.IPV4), Addresses.standIns(Family.IPV6));
  }

  StandIns(IpPrefix range4, IpPrefix range6) {
    this.ranges = Map.of(Family.IPV4, range4, Family.IPV6, range6);
  }

  /**
   * Takes over what an earlier run gave. What lies outside the ranges is passed over, as after an
   * upgrade that changed them.
   *
   * @param inKernel external address to stand-in
   */
  public synchronized void adopt(Map<Ip, Ip> inKernel) {
    inKernel.forEach((external, standIn) -> {
      if (rangeOf(external).contains(standIn) && !byStandIn.containsKey(standIn)) {
        give(external, standIn);
      }
    });
  }

  /**
   * The stand-in of an address, the same at every call until nobody uses it any more.
   *
   * @return empty if there are none left; {@link #refusal} says it in words
   */
  public synchronized Optional<Ip> of(Ip external) {
    Optional<Ip> known = Optional.ofNullable(byExternal.get(external));
    if (known.isPresent()) {
      return known;
    }
    long count = count(rangeOf(external));
    long start = hash(external).mod(BigInteger.valueOf(count)).longValueExact();
    // One of the first taken + 1 candidates is free, unless there are fewer.
    long tries = Math.min(count, byStandIn.size() + 1L);
    for (long i = 0; i < tries; i++) {
      Ip candidate = rangeOf(external).network().plus(1 + (start + i) % count);
      if (!byStandIn.containsKey(candidate)) {
        give(external, candidate);
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  /** Why {@link #of} had nothing to give. */
  public String refusal(Ip external) {
    return "%s cannot be reached from outside the pod network: the %d external addresses that a node can serve are in use; remove some"
        .formatted(external, count(rangeOf(external)));
  }

  /**
   * Says which external addresses an owner uses from now on. One that nobody uses any more gives
   * its stand-in back; so call it after {@link #of}.
   */
  public synchronized void use(Owner owner, Set<Ip> externals) {
    Set<Ip> before =
        externals.isEmpty() ? used.remove(owner) : used.put(owner, Set.copyOf(externals));
    externals.forEach(external -> uses.merge(external, 1, Integer::sum));
    if (before != null) {
      for (Ip external : before) {
        if (uses.merge(external, -1, Integer::sum) == 0) {
          uses.remove(external);
          release(external);
        }
      }
    }
  }

  /** Gives back what was taken over and nobody uses: every owner has said what it uses. */
  public synchronized void complete() {
    new HashSet<>(byExternal.keySet())
        .stream().filter(external -> !uses.containsKey(external)).forEach(this::release);
  }

  private void give(Ip external, Ip standIn) {
    byExternal.put(external, standIn);
    byStandIn.put(standIn, external);
  }

  private void release(Ip external) {
    Ip standIn = byExternal.remove(external);
    if (standIn != null) {
      byStandIn.remove(standIn);
    }
  }

  private IpPrefix rangeOf(Ip address) {
    return ranges.getOrDefault(address.family(), Addresses.standIns(address.family()));
  }

  private static BigInteger hash(Ip address) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(address.value().toByteArray());
      return new BigInteger(1, digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** How many a range gives: its first address is left out, it may stand for the subnet. */
  private static long count(IpPrefix range) {
    return range.size().min(MOST).longValueExact() - 1;
  }
}
