package io.seine.agent.policy;

import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Who has which addresses, and what a change of one of them means for the sets that addresses are
 * in. An address that two say is theirs is in the sets of both.
 */
final class Members<H> {
  private final Function<H, List<Ip>> addresses;
  private final Function<H, Set<AddressSet>> sets;
  private final AddressSets changed;
  private final Map<Ip, H> holders = new HashMap<>();
  private final Map<Ip, List<H>> others = new HashMap<>(0);

  /**
   * @param addresses of a holder as it is now
   * @param sets those that its addresses belong to, as it is now
   * @param changed is told of each address that comes into a set or leaves it
   */
  Members(Function<H, List<Ip>> addresses, Function<H, Set<AddressSet>> sets, AddressSets changed) {
    this.addresses = addresses;
    this.sets = sets;
    this.changed = changed;
  }

  /** There is one more. */
  void come(H holder) {
    List<Ip> now = addresses.apply(holder);
    Map<Ip, Set<AddressSet>> was = setsOf(now); // by others that have them
    now.forEach(ip -> add(ip, holder));
    report(was, setsOf(now));
  }

  /** Makes a change to one holder, which may change its addresses and what sets they are in. */
  void change(H holder, Runnable change) {
    List<Ip> before = addresses.apply(holder);
    Map<Ip, Set<AddressSet>> was = setsOf(before);
    change.run();
    List<Ip> now = addresses.apply(holder);
    List<Ip> come = without(now, before);
    was.putAll(setsOf(come)); // by others that have them
    without(before, now).forEach(ip -> remove(ip, holder));
    come.forEach(ip -> add(ip, holder));
    Set<Ip> touched = new LinkedHashSet<>(before);
    touched.addAll(now);
    report(was, setsOf(touched));
  }

  /** Makes a change that may change what sets the addresses of these are in, and nothing else. */
  void change(Collection<H> concerned, Runnable change) {
    Set<Ip> touched = new LinkedHashSet<>();
    concerned.forEach(holder -> touched.addAll(addresses.apply(holder)));
    Map<Ip, Set<AddressSet>> was = setsOf(touched);
    change.run();
    report(was, setsOf(touched));
  }

  private static List<Ip> without(List<Ip> some, List<Ip> less) {
    List<Ip> rest = new ArrayList<>(some);
    rest.removeAll(less);
    return rest;
  }

  private void add(Ip address, H holder) {
    H first = holders.putIfAbsent(address, holder);
    if (first != null && !first.equals(holder)) {
      others.computeIfAbsent(address, a -> new ArrayList<>(1)).add(holder);
    }
  }

  private void remove(Ip address, H holder) {
    List<H> rest = others.get(address);
    if (rest == null) {
      holders.remove(address, holder);
      return;
    }
    if (holder.equals(holders.get(address))) {
      holders.put(address, rest.removeFirst());
    } else {
      rest.remove(holder);
    }
    if (rest.isEmpty()) {
      others.remove(address);
    }
  }

  private Map<Ip, Set<AddressSet>> setsOf(Collection<Ip> some) {
    Map<Ip, Set<AddressSet>> found = new HashMap<>();
    Map<H, Set<AddressSet>> known = new HashMap<>();
    for (Ip address : some) {
      H first = holders.get(address);
      if (first == null) {
        continue;
      }
      Set<AddressSet> own = known.computeIfAbsent(first, sets);
      List<H> rest = others.get(address);
      if (rest != null) {
        Set<AddressSet> all = new HashSet<>(own);
        rest.forEach(other -> all.addAll(known.computeIfAbsent(other, sets)));
        own = all;
      }
      if (!own.isEmpty()) {
        found.put(address, own);
      }
    }
    return found;
  }

  private void report(Map<Ip, Set<AddressSet>> was, Map<Ip, Set<AddressSet>> is) {
    was.forEach((address, before) -> {
      Set<AddressSet> now = is.getOrDefault(address, Set.of());
      before.stream().filter(s -> !now.contains(s)).forEach(s -> changed.left(s, address));
    });
    is.forEach((address, now) -> {
      Set<AddressSet> before = was.getOrDefault(address, Set.of());
      now.stream().filter(s -> !before.contains(s)).forEach(s -> changed.came(s, address));
    });
  }
}
