package io.seine.agent.service;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.ServiceInfo.External;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Objects as the API has them, for tests. */
public final class Given {
  /** A node of both families, with one address of each. */
  public static final LocalNode DUAL =
      new LocalNode(
          "n1",
          Ip.parse("192.168.1.1"),
          List.of(
              LocalNode.Network.of(IpPrefix.parse("10.96.0.0/24")),
              LocalNode.Network.of(IpPrefix.parse("fd00:96::/64"))),
          List.of(IpPrefix.parse("100.64.0.0/16"), IpPrefix.parse("fd00:64::/112")),
          List.of(Ip.parse("192.168.1.1"), Ip.parse("fd00:1::1")),
          1,
          2);

  public static final ServiceOptions DEFAULTS =
      new ServiceOptions(
          "",
          Set.of(),
          Set.of(),
          List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0")),
          List.of(),
          6081);

  private Given() {}

  /** One of type ClusterIP, with nothing but what is named. */
  public static ServiceInfo service(
      ObjectKey key, String created, List<String> ips, ServiceInfo.Port... ports) {
    return new ServiceInfo(
        new ObjectRef("v1", "Service", key, "uid-" + key),
        created,
        ServiceInfo.Type.CLUSTER_IP,
        ips,
        List.of(ports),
        false,
        0,
        "",
        External.NONE);
  }

  public static ServiceInfo service(
      ObjectKey key, String created, String ip, ServiceInfo.Port... ports) {
    return service(key, created, List.of(ip), ports);
  }

  public static ServiceInfo with(ServiceInfo s, External external) {
    return new ServiceInfo(
        s.ref(),
        s.created(),
        ServiceInfo.Type.LOAD_BALANCER,
        s.clusterIps(),
        s.ports(),
        s.internalLocal(),
        s.affinitySeconds(),
        s.proxyName(),
        external);
  }

  public static ServiceInfo withExternalIps(ServiceInfo s, String... ips) {
    return with(s, new External(List.of(ips), List.of(), List.of(), false, 0));
  }

  public static ServiceInfo withInternalLocal(ServiceInfo s) {
    return new ServiceInfo(
        s.ref(),
        s.created(),
        s.type(),
        s.clusterIps(),
        s.ports(),
        true,
        s.affinitySeconds(),
        s.proxyName(),
        s.external());
  }

  public static ServiceInfo withAffinity(ServiceInfo s, int seconds) {
    return new ServiceInfo(
        s.ref(),
        s.created(),
        s.type(),
        s.clusterIps(),
        s.ports(),
        s.internalLocal(),
        seconds,
        s.proxyName(),
        s.external());
  }

  public static ServiceInfo withProxyName(ServiceInfo s, String name) {
    return new ServiceInfo(
        s.ref(),
        s.created(),
        s.type(),
        s.clusterIps(),
        s.ports(),
        s.internalLocal(),
        s.affinitySeconds(),
        name,
        s.external());
  }

  public static ServiceInfo.Port port(String name, String protocol, int port) {
    return new ServiceInfo.Port(name, protocol, port);
  }

  public static SliceInfo slice(
      ObjectKey service, String name, List<SliceInfo.Port> ports, SliceInfo.Endpoint... endpoints) {
    return new SliceInfo(
        new ObjectRef(
            "discovery.k8s.io/v1",
            "EndpointSlice",
            new ObjectKey(service.namespace(), name),
            "uid-" + name),
        service,
        ports,
        List.of(endpoints));
  }

  /** One whose endpoints are ready, and not said to be anywhere. */
  public static SliceInfo slice(
      ObjectKey service, String name, List<SliceInfo.Port> ports, String... addresses) {
    return slice(
        service,
        name,
        ports,
        Arrays.stream(addresses).map(SliceInfo.Endpoint::ready).toArray(SliceInfo.Endpoint[]::new));
  }

  public static SliceInfo.Endpoint on(String node, String address) {
    return new SliceInfo.Endpoint(address, node, SliceInfo.Condition.READY, SliceInfo.Hints.NONE);
  }

  public static List<SliceInfo.Port> target(String name, String protocol, int port) {
    return List.of(new SliceInfo.Port(name, protocol, port));
  }

  public static NodeInfo node(
      String name, String address, String podCidr, String zone, int kubeletPort) {
    return new NodeInfo(
        ObjectRef.node(name, "uid-" + name),
        "2026-01-01T00:00:00Z",
        List.of(address),
        List.of(),
        List.of(podCidr),
        zone,
        kubeletPort);
  }
}
