package io.seine.agent.kube;

import java.util.List;

/**
 * What the agent keeps of a Service. Nothing is validated here.
 *
 * <p>Not kept, since nothing depends on it: {@code loadBalancerClass} and {@code
 * allocateLoadBalancerNodePorts} are for those who set {@code status.loadBalancer} and {@code
 * ports[].nodePort}, and those two alone say what is served; {@code publishNotReadyAddresses} and
 * {@code trafficDistribution} are for the EndpointSlice controller, which says by conditions and
 * hints what follows from them.
 *
 * @param clusterIps empty for headless and ExternalName services
 * @param internalLocal whether {@code internalTrafficPolicy} is Local
 * @param affinitySeconds how long a client stays with its endpoint; 0 without session affinity
 * @param proxyName of the label {@code service.kubernetes.io/service-proxy-name}; empty without it
 */
public record ServiceInfo(
    ObjectRef ref,
    String created,
    Type type,
    List<String> clusterIps,
    List<Port> ports,
    boolean internalLocal,
    int affinitySeconds,
    String proxyName,
    External external) {
  public ServiceInfo {
    clusterIps = List.copyOf(clusterIps);
    ports = List.copyOf(ports);
  }

  /** {@code spec.type}; {@code OTHER} is one that this agent has never heard of. */
  public enum Type {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_NAME,
    OTHER
  }

  /**
   * @param name what EndpointSlices call the port; may be empty
   * @param protocol TCP, UDP or SCTP, as the API writes it
   * @param nodePort 0 if it has none
   */
  public record Port(String name, String protocol, int port, int nodePort) {
    /** One without a node port. */
    public Port(String name, String protocol, int port) {
      this(name, protocol, port, 0);
    }
  }

  /**
   * What concerns the service's addresses outside the cluster; most services have nothing of it.
   *
   * @param ips {@code spec.externalIPs}
   * @param loadBalancerIps of {@code status.loadBalancer.ingress}, without those of {@code ipMode:
   *     Proxy}, whose traffic is to go by way of the load balancer (KEP-1860)
   * @param sourceRanges {@code spec.loadBalancerSourceRanges}, or those of the annotation that came
   *     before it
   * @param local whether {@code externalTrafficPolicy} is Local
   * @param healthCheckNodePort 0 if there is none
   */
  public record External(
      List<String> ips,
      List<String> loadBalancerIps,
      List<String> sourceRanges,
      boolean local,
      int healthCheckNodePort) {
    /** Nothing. */
    public static final External NONE = new External(List.of(), List.of(), List.of(), false, 0);

    public External {
      ips = List.copyOf(ips);
      loadBalancerIps = List.copyOf(loadBalancerIps);
      sourceRanges = List.copyOf(sourceRanges);
    }
  }

  public ObjectKey key() {
    return ref.key();
  }
}
