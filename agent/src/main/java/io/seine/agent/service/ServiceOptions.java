package io.seine.agent.service;

import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration says of services.
 *
 * @param proxyName serves those whose label names this proxy; empty for those without the label
 * @param skippedNames and {@code skippedAddresses} (cluster IPs) of services left to others
 * @param externalIps the networks that {@code spec.externalIPs} may be of
 * @param podCidrs that external addresses are never in, beside those of the nodes there are
 * @param tunnelPort UDP
 */
public record ServiceOptions(
    String proxyName,
    Set<ObjectKey> skippedNames,
    Set<Ip> skippedAddresses,
    List<IpPrefix> externalIps,
    List<IpPrefix> podCidrs,
    int tunnelPort) {
  public ServiceOptions {
    skippedNames = Set.copyOf(skippedNames);
    skippedAddresses = Set.copyOf(skippedAddresses);
    externalIps = List.copyOf(externalIps);
    podCidrs = List.copyOf(podCidrs);
  }

  public static ServiceOptions of(AgentConfig config) {
    Set<ObjectKey> names = new HashSet<>();
    Set<Ip> addresses = new HashSet<>();
    for (String text : config.skipServices()) {
      Optional<Ip> address = Networks.ip(text);
      address.ifPresentOrElse(addresses::add, () -> names.add(name(text)));
    }
    return new ServiceOptions(
        config.serviceProxyName().orElse(""),
        names,
        addresses,
        Networks.networks(config.externalIpCidrs()),
        Networks.networks(config.clusterPodCidrs()),
        config.tunnelPort());
  }

  private static ObjectKey name(String text) {
    int slash = text.indexOf('/');
    return new ObjectKey(text.substring(0, Math.max(slash, 0)), text.substring(slash + 1));
  }

  /** Whether the service is another's to serve. */
  public boolean leavesAlone(ServiceInfo service) {
    return !service.proxyName().equals(proxyName)
        || skippedNames.contains(service.key())
        || (!skippedAddresses.isEmpty()
            && service.clusterIps().stream()
                .flatMap(t -> Networks.ip(t).stream())
                .anyMatch(skippedAddresses::contains));
  }
}
