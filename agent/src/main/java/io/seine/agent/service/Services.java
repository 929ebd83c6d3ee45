package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The services and slices there are, which services a change concerns, and what the switch should
 * know of each. Owned by one thread.
 *
 * <p>An address and port that two services claim belongs to the older of them, so that no new
 * service takes over an existing one's traffic; when it goes, the other gets it.
 */
public final class Services {
  private static final Comparator<ServiceInfo> OLDEST =
      Comparator.comparing(ServiceInfo::created).thenComparing(ServiceInfo::key);

  private final Map<ObjectKey, ServiceInfo> services = new HashMap<>();
  private final Map<ObjectKey, List<SliceInfo>> slices = new HashMap<>();
  private final Map<ObjectKey, ObjectKey> ownerOfSlice = new HashMap<>();
  private final Map<Frontend, List<ObjectKey>> claims = new HashMap<>();
  private final Set<ObjectKey> dirty = new LinkedHashSet<>();

  /** What a connection to a service is addressed to. */
  private record Frontend(String protocol, Ip address, int port) {}

  public void put(ServiceInfo service) {
    ServiceInfo before = services.put(service.key(), service);
    if (service.equals(before)) {
      return;
    }
    dirty.add(service.key());
    if (before == null
        || !before.created().equals(service.created())
        || !frontends(before).equals(frontends(service))) {
      if (before != null) {
        unclaim(before);
      }
      claim(service);
    }
  }

  public void removeService(ObjectKey key) {
    ServiceInfo before = services.remove(key);
    if (before != null) {
      dirty.add(key);
      unclaim(before);
    }
  }

  public void put(SliceInfo slice) {
    ObjectKey before = ownerOfSlice.get(slice.key());
    if (before != null && !before.equals(slice.service())) {
      removeSlice(slice.key());
    }
    if (slice.service().name().isEmpty()) {
      return; // it says of no service that it is its
    }
    ownerOfSlice.put(slice.key(), slice.service());
    List<SliceInfo> old = slices.getOrDefault(slice.service(), List.of());
    if (old.contains(slice)) {
      return;
    }
    List<SliceInfo> now = new ArrayList<>(old);
    now.removeIf(s -> s.key().equals(slice.key()));
    now.add(slice);
    now.sort(Comparator.comparing(SliceInfo::key));
    slices.put(slice.service(), List.copyOf(now));
    dirty.add(slice.service());
  }

  public void removeSlice(ObjectKey key) {
    ObjectKey service = ownerOfSlice.remove(key);
    if (service == null) {
      return;
    }
    List<SliceInfo> now = new ArrayList<>(slices.getOrDefault(service, List.of()));
    now.removeIf(s -> s.key().equals(key));
    if (now.isEmpty()) {
      slices.remove(service);
    } else {
      slices.put(service, List.copyOf(now));
    }
    dirty.add(service);
  }

  /** The services that a change since the last call concerns, gone ones included. */
  public List<ObjectKey> takeDirty() {
    List<ObjectKey> taken = List.copyOf(dirty);
    dirty.clear();
    return taken;
  }

  /** The object, as events name it. */
  public Optional<ObjectRef> ref(ObjectKey key) {
    return Optional.ofNullable(services.get(key)).map(ServiceInfo::ref);
  }

  public int size() {
    return services.size();
  }

  /** What is to be served; empty if there is no such service, or none with a cluster IP. */
  public Optional<Translation> translate(ObjectKey key) {
    return Optional.ofNullable(services.get(key))
        .map(service ->
            Translation.of(
                service,
                slices.getOrDefault(key, List.of()),
                (protocol, address, port) ->
                    holder(new Frontend(protocol, address, port), service)));
  }

  private ObjectKey holder(Frontend frontend, ServiceInfo asking) {
    return claims.getOrDefault(frontend, List.of()).stream()
        .map(services::get)
        .filter(s -> s != null)
        .min(OLDEST)
        .orElse(asking)
        .key();
  }

  private void claim(ServiceInfo service) {
    for (Frontend frontend : frontends(service)) {
      List<ObjectKey> others = claims.getOrDefault(frontend, List.of());
      dirty.addAll(others);
      List<ObjectKey> now = new ArrayList<>(others);
      now.add(service.key());
      claims.put(frontend, List.copyOf(now));
    }
  }

  private void unclaim(ServiceInfo service) {
    for (Frontend frontend : frontends(service)) {
      List<ObjectKey> now = new ArrayList<>(claims.getOrDefault(frontend, List.of()));
      now.remove(service.key());
      dirty.addAll(now);
      if (now.isEmpty()) {
        claims.remove(frontend);
      } else {
        claims.put(frontend, List.copyOf(now));
      }
    }
  }

  private static Set<Frontend> frontends(ServiceInfo service) {
    Set<Frontend> found = new HashSet<>();
    for (String text : service.clusterIps()) {
      Networks.ipv4(text)
          .ifPresent(address ->
              service
                  .ports()
                  .forEach(p -> found.add(new Frontend(p.protocol(), address, p.port()))));
    }
    return found;
  }
}
