package io.seine.agent.facts;

import io.seine.agent.config.Networks;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The DNS servers whose answers are believed, as the configuration names them: addresses, and
 * services, by their cluster IPs and by all of their endpoints, ready or not. Used by one thread at
 * a time.
 */
public final class DnsServers {
  private final Set<ObjectKey> names = new HashSet<>();
  private final Set<Ip> addresses = new HashSet<>();
  private final Map<ObjectKey, ServiceInfo> services = new HashMap<>();
  private final Map<ObjectKey, SliceInfo> slices = new HashMap<>();

  /**
   * @param configured {@code NAMESPACE/NAME} of services, and IP addresses
   */
  public DnsServers(List<String> configured) {
    for (String text : configured) {
      Optional<Ip> address = Networks.ip(text);
      int slash = text.indexOf('/');
      if (address.isPresent()) {
        addresses.add(address.get());
      } else if (slash > 0) {
        names.add(new ObjectKey(text.substring(0, slash), text.substring(slash + 1)));
      }
    }
  }

  void put(ServiceInfo service) {
    if (names.contains(service.key())) {
      services.put(service.key(), service);
    }
  }

  void removeService(ObjectKey key) {
    services.remove(key);
  }

  void put(SliceInfo slice) {
    if (names.contains(slice.service())) {
      slices.put(slice.key(), slice);
    } else {
      slices.remove(slice.key());
    }
  }

  void removeSlice(ObjectKey key) {
    slices.remove(key);
  }

  /** All of them. */
  Set<IpPrefix> believed() {
    Set<IpPrefix> believed = new HashSet<>();
    addresses.forEach(address -> believed.add(IpPrefix.around(address, address.family().bits())));
    Stream.concat(
            services.values().stream().flatMap(service -> service.clusterIps().stream()),
            slices.values().stream()
                .flatMap(slice -> slice.endpoints().stream())
                .map(SliceInfo.Endpoint::address))
        .flatMap(text -> Networks.ip(text).stream())
        .forEach(address -> believed.add(IpPrefix.around(address, address.family().bits())));
    return believed;
  }
}
