package io.seine.agent.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the configuration file said, defaults filled in. The {@link Options} say what each value
 * means and may be.
 *
 * @param tunnelPort the tunnel's UDP port, never 0
 * @param mtu empty for automatic, in bytes
 */
public record AgentConfig(
    String nodeName,
    Optional<Path> kubeconfig,
    Optional<URI> apiServer,
    String bridge,
    DatapathType datapathType,
    Path ovsdbSocket,
    Path ovsRunDir,
    TunnelType tunnelType,
    int tunnelPort,
    Optional<String> transportAddress,
    Optional<Integer> mtu,
    List<String> serviceCidrs,
    List<String> clusterPodCidrs,
    boolean masquerade,
    boolean enableIpForwarding,
    List<String> nodePortAddresses,
    List<String> externalIpCidrs,
    Optional<String> serviceProxyName,
    List<String> skipServices,
    Path cniSocket,
    Duration addressRest,
    Duration auditInterval,
    int rejectRate,
    boolean isolateNamespaces,
    int policyLogRate,
    List<String> dnsServers,
    Duration dnsMinTtl,
    String httpAddress,
    int httpPort,
    LogLevel logLevel) {

  public AgentConfig {
    serviceCidrs = List.copyOf(serviceCidrs);
    clusterPodCidrs = List.copyOf(clusterPodCidrs);
    nodePortAddresses = List.copyOf(nodePortAddresses);
    externalIpCidrs = List.copyOf(externalIpCidrs);
    skipServices = List.copyOf(skipServices);
    dnsServers = List.copyOf(dnsServers);
  }
}
