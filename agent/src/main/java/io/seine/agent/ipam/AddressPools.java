package io.seine.agent.ipam;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The node's pools, one for each family it has pod networks of. A pod gets an address from each of
 * them or none at all. Thread safe; does no I/O.
 */
public final class AddressPools {
  private final List<AddressPool> pools;

  /**
   * @param pools at least one, none of the same family as another; the first is the primary one
   */
  public AddressPools(List<AddressPool> pools) {
    this.pools = List.copyOf(pools);
    if (pools.isEmpty()
        || pools.stream().map(AddressPools::family).distinct().count() < pools.size()) {
      throw new IllegalArgumentException("one pod CIDR of each family is needed, not " + cidrs());
    }
  }

  /** In the order in which pods get their addresses. */
  public List<AddressPool> all() {
    return pools;
  }

  public AddressPool primary() {
    return pools.getFirst();
  }

  public Optional<AddressPool> of(Family family) {
    return pools.stream().filter(p -> family(p) == family).findFirst();
  }

  private static Family family(AddressPool pool) {
    return pool.cidr().family();
  }

  /** The node's pod CIDRs, as {@code 10.10.1.0/24, fd00:10:1::/64}. */
  public String cidrs() {
    return pools.stream().map(p -> p.cidr().toString()).collect(Collectors.joining(", "));
  }

  /**
   * Gives one address of each family; what the first pool that has none says, otherwise.
   *
   * @param wanted exactly these are given for their families, or nothing is
   */
  public Allocation allocate(Collection<Ip> wanted) {
    Optional<Allocation> impossible = check(wanted);
    if (impossible.isPresent()) {
      return impossible.get();
    }
    List<Ip> given = new ArrayList<>();
    for (AddressPool pool : pools) {
      Optional<Ip> exactly = wanted.stream().filter(ip -> ip.family() == family(pool)).findFirst();
      Allocation allocation = exactly.isPresent() ? pool.allocate(exactly.get()) : pool.allocate();
      if (!(allocation instanceof Allocation.Given mine)) {
        cancel(given);
        return allocation;
      }
      given.addAll(mine.addresses());
    }
    return new Allocation.Given(given);
  }

  private Optional<Allocation> check(Collection<Ip> wanted) {
    Set<Family> seen = new HashSet<>();
    for (Ip ip : wanted) {
      if (of(ip.family()).isEmpty()) {
        String reason = "it is in none of the node's pod CIDRs: " + cidrs();
        return Optional.of(new Allocation.Refused(ip, reason, true));
      }
      if (!seen.add(ip.family())) {
        String reason = "a pod has one address of a family, and two are asked for";
        return Optional.of(new Allocation.Refused(ip, reason, true));
      }
    }
    return Optional.empty();
  }

  /** As {@link AddressPool#adopt}, each address by the pool of its family. */
  public Set<Ip> adopt(Collection<Ip> leased) {
    Set<Ip> strangers = new HashSet<>(leased);
    for (AddressPool pool : pools) {
      List<Ip> its = leased.stream().filter(ip -> ip.family() == family(pool)).toList();
      strangers.removeAll(its);
      strangers.addAll(pool.adopt(its));
    }
    return strangers;
  }

  /** Ends the leases; the addresses rest. */
  public void release(Collection<Ip> addresses) {
    addresses.forEach(ip -> of(ip.family()).ifPresent(pool -> pool.release(ip)));
  }

  /** Takes back addresses that no pod ever used. */
  public void cancel(Collection<Ip> addresses) {
    addresses.forEach(ip -> of(ip.family()).ifPresent(pool -> pool.cancel(ip)));
  }

  /** How full the pool is that can give the fewest, and with it how many pods there can be yet. */
  public AddressPool.Usage usage() {
    return pools.stream()
        .map(AddressPool::usage)
        .min(Comparator.comparingInt(AddressPool.Usage::free))
        .orElseThrow();
  }
}
