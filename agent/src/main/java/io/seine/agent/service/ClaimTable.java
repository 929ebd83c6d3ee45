package io.seine.agent.service;

import io.seine.agent.kube.ObjectKey;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Which services ask for which places, oldest first. Whose places change by what one service does
 * is told to a listener. Owned by one thread.
 */
final class ClaimTable {
  /** One service's wish for a place. */
  record Claim(ObjectKey service, String created, Kind kind) implements Comparable<Claim> {
    private static final Comparator<Claim> OLDEST_FIRST =
        Comparator.comparing(Claim::created).thenComparing(Claim::service);

    @Override
    public int compareTo(Claim other) {
      return OLDEST_FIRST.compare(this, other);
    }
  }

  /** A port of any address of a family. */
  private record AnyPlace(Family family, Protocol protocol, int port) {
    static AnyPlace of(Place place) {
      return new AnyPlace(place.address().family(), place.protocol(), place.port());
    }
  }

  private final TreeMap<Place, List<Claim>> claims = new TreeMap<>();

  /** Where external addresses have a port: they may have to yield to a node port of that number. */
  private final Map<AnyPlace, Set<Place>> external = new HashMap<>();

  private final Consumer<ObjectKey> concerned;

  /**
   * @param concerned told of each other service that a change may concern
   */
  ClaimTable(Consumer<ObjectKey> concerned) {
    this.concerned = concerned;
  }

  /** Changes what a service asks for; either may be empty. */
  void change(
      ObjectKey service,
      String createdBefore,
      Map<Place, Kind> before,
      String created,
      Map<Place, Kind> now) {
    before.forEach((place, kind) -> {
      if (!kind.equals(now.get(place)) || !created.equals(createdBefore)) {
        remove(place, new Claim(service, createdBefore, kind));
      }
    });
    now.forEach((place, kind) -> {
      if (!kind.equals(before.get(place)) || !created.equals(createdBefore)) {
        add(place, new Claim(service, created, kind));
      }
    });
  }

  private void add(Place place, Claim claim) {
    List<Claim> others = claims.getOrDefault(place, List.of());
    others.forEach(other -> concerned.accept(other.service()));
    List<Claim> now = new ArrayList<>(others);
    now.add(claim);
    now.sort(Comparator.naturalOrder());
    claims.put(place, List.copyOf(now));
    if (isExternal(claim.kind())) {
      external.computeIfAbsent(AnyPlace.of(place), p -> new TreeSet<>()).add(place);
    }
    nodePortChanged(place, claim);
  }

  private void remove(Place place, Claim claim) {
    List<Claim> now = new ArrayList<>(claims.getOrDefault(place, List.of()));
    now.remove(claim);
    now.forEach(other -> concerned.accept(other.service()));
    if (now.isEmpty()) {
      claims.remove(place);
    } else {
      claims.put(place, List.copyOf(now));
    }
    if (isExternal(claim.kind()) && now.stream().noneMatch(c -> isExternal(c.kind()))) {
      external.computeIfPresent(
          AnyPlace.of(place),
          (key, places) -> {
            places.remove(place);
            return places.isEmpty() ? null : places;
          });
    }
    nodePortChanged(place, claim);
  }

  private void nodePortChanged(Place place, Claim claim) {
    if (claim.kind() == Kind.NODE_PORT) {
      Collection<Place> same = external.getOrDefault(AnyPlace.of(place), Set.of());
      same.forEach(
          p -> claims.getOrDefault(p, List.of()).forEach(c -> concerned.accept(c.service())));
    }
  }

  private static boolean isExternal(Kind kind) {
    return kind == Kind.EXTERNAL_IP || kind == Kind.LOAD_BALANCER;
  }

  /** The oldest service that asks for the place in a way that is not refused. */
  Optional<ObjectKey> holder(Place place, Predicate<Kind> allowed) {
    return claims.getOrDefault(place, List.of()).stream()
        .filter(c -> allowed.test(c.kind()))
        .map(Claim::service)
        .findFirst();
  }

  /** Those that ask for a place in the block. */
  Set<ObjectKey> within(IpPrefix block) {
    Set<ObjectKey> found = new HashSet<>();
    for (Map.Entry<Place, List<Claim>> entry :
        claims.tailMap(Place.firstOf(block.network())).entrySet()) {
      if (!block.contains(entry.getKey().address())) {
        break;
      }
      entry.getValue().forEach(c -> found.add(c.service()));
    }
    return found;
  }
}
