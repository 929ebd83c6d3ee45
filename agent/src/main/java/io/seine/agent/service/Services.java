package io.seine.agent.service;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.ServiceFact.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The services and slices there are, which services a change concerns, and what the switch should
 * know of each. Owned by one thread.
 *
 * <p>An address and port that two services ask for belongs to the older of them that may have it,
 * so that no new service takes over an existing one's traffic; when it goes, the other gets it.
 * Node ports are given out by the API server, so there an external IP that is a node's yields,
 * however old.
 */
public final class Services {
  private final LocalNode self;
  private final ServiceOptions options;
  private final StandInSource standIns;
  private final Surroundings around;
  private final AddressRules rules;
  private final Map<ObjectKey, ServiceInfo> services = new HashMap<>();
  private final Map<ObjectKey, List<SliceInfo>> slices = new HashMap<>();
  private final Map<ObjectKey, ObjectKey> ownerOfSlice = new HashMap<>();
  private final Set<ObjectKey> dirty = new LinkedHashSet<>();
  private final ClaimTable claims = new ClaimTable(dirty::add);
  private boolean sctpPorts = true;
  private int leftAlone;

  /**
   * @param apiServers that are known beside those of the service {@code default/kubernetes}
   */
  public Services(
      LocalNode self,
      ServiceOptions options,
      Collection<ApiServer> apiServers,
      StandInSource standIns) {
    this.self = self;
    this.options = options;
    this.standIns = standIns;
    this.around = new Surroundings(self, options.podCidrs(), apiServers);
    this.rules = new AddressRules(self, options, around);
  }

  public void put(ServiceInfo service) {
    ServiceInfo before = services.put(service.key(), service);
    if (!service.equals(before)) {
      changed(Optional.ofNullable(before), Optional.of(service));
    }
  }

  public void removeService(ObjectKey key) {
    ServiceInfo before = services.remove(key);
    if (before != null) {
      changed(Optional.of(before), Optional.empty());
    }
  }

  private void changed(Optional<ServiceInfo> before, Optional<ServiceInfo> now) {
    ServiceInfo either = now.or(() -> before).orElseThrow();
    dirty.add(either.key());
    leftAlone += count(now) - count(before);
    claims.change(
        either.key(),
        before.map(ServiceInfo::created).orElse(""),
        wishes(before),
        now.map(ServiceInfo::created).orElse(""),
        wishes(now));
  }

  private int count(Optional<ServiceInfo> service) {
    return service.filter(options::leavesAlone).isPresent() ? 1 : 0;
  }

  private Map<Place, Kind> wishes(Optional<ServiceInfo> service) {
    return service.filter(s -> !options.leavesAlone(s)).map(Wishes::of).orElse(Map.of());
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
    if (slice.service().equals(Surroundings.API_SERVICE)) {
      concerned(around.putApi(slice));
    }
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
    if (service.equals(Surroundings.API_SERVICE)) {
      concerned(around.removeApi(key));
    }
  }

  /** A node of the cluster, this one or another. */
  public void put(NodeInfo node) {
    String zone = around.zone();
    concerned(around.put(node));
    zoneAfter(zone);
  }

  public void removeNode(String name) {
    String zone = around.zone();
    concerned(around.removeNode(name));
    zoneAfter(zone);
  }

  /** This node's own addresses are these from now on. */
  public void addresses(Collection<Ip> own) {
    concerned(around.own(own));
  }

  private void concerned(Set<IpPrefix> blocks) {
    blocks.forEach(block -> dirty.addAll(claims.within(block)));
  }

  /** A node changes its zone about never, so those concerned are looked for among all. */
  private void zoneAfter(String before) {
    if (!around.zone().equals(before)) {
      slices.forEach((service, own) -> {
        if (own.stream().flatMap(s -> s.endpoints().stream()).anyMatch(Services::hasZones)) {
          dirty.add(service);
        }
      });
    }
  }

  private static boolean hasZones(SliceInfo.Endpoint endpoint) {
    return !endpoint.hints().zones().isEmpty();
  }

  /** Whether the switch can put another port into an SCTP packet. Until it is said, it can. */
  public void sctpPorts(boolean rewritten) {
    if (sctpPorts != rewritten) {
      sctpPorts = rewritten;
      Predicate<ServiceInfo> concerned =
          s -> s.ports().stream().anyMatch(p -> p.protocol().equals("SCTP"));
      services.values().stream().filter(concerned).forEach(s -> dirty.add(s.key()));
    }
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

  /** How many are left to another proxy, by label or by option. */
  public int leftAlone() {
    return leftAlone;
  }

  /** What is to be served; empty if there is no such service. */
  public Optional<Translation> translate(ObjectKey key) {
    return Optional.ofNullable(services.get(key))
        .map(service ->
            options.leavesAlone(service)
                ? Translation.NOTHING
                : new Translator(
                        new Translator.Context(self, around.zone(), rules, standIns, sctpPorts),
                        service,
                        slices.getOrDefault(key, List.of()),
                        (kind, place) -> other(key, kind, place))
                    .translate());
  }

  private Optional<ObjectKey> other(ObjectKey asking, Kind kind, Place place) {
    Optional<ObjectKey> nodePort =
        kind != Kind.NODE_PORT && kind != Kind.CLUSTER_IP && around.isNodes(place.address())
            ? holder(place.onNodes())
            : Optional.empty();
    return nodePort
        .filter(owner -> !owner.equals(asking))
        .or(() -> holder(place).filter(owner -> !owner.equals(asking)));
  }

  private Optional<ObjectKey> holder(Place place) {
    return claims.holder(place, kind -> rules.refusal(kind, place).isEmpty());
  }
}
