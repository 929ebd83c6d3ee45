package io.seine.agent.kube;

import static io.seine.agent.kube.Reduce.list;
import static io.seine.agent.kube.Reduce.text;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.seine.agent.kube.SliceInfo.Condition;
import io.seine.agent.kube.SliceInfo.Hints;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From an EndpointSlice to what the agent keeps of it. */
final class ReduceSlice {
  private static final String SERVICE_LABEL = "kubernetes.io/service-name";

  private ReduceSlice() {}

  static SliceInfo slice(EndpointSlice slice) {
    ObjectKey owner =
        new ObjectKey(Kind.key(slice).namespace(), Reduce.label(slice, SERVICE_LABEL));
    String type = text(slice.getAddressType());
    if (!type.equals("IPv4") && !type.equals("IPv6")) {
      return new SliceInfo(Reduce.ref(slice), owner, List.of(), List.of());
    }
    List<SliceInfo.Port> ports = new ArrayList<>();
    for (EndpointPort port : list(slice.getPorts())) {
      // Without a number the port means "every port", which no service's rule can use.
      if (port.getPort() != null) {
        ports.add(
            new SliceInfo.Port(
                text(port.getName()).intern(),
                Reduce.protocol(port.getProtocol()),
                port.getPort()));
      }
    }
    // All addresses of one endpoint are the same backend; only the first is used.
    List<SliceInfo.Endpoint> endpoints =
        list(slice.getEndpoints()).stream()
            .flatMap(
                e -> list(e.getAddresses()).stream().limit(1).map(address -> endpoint(e, address)))
            .toList();
    return new SliceInfo(Reduce.ref(slice), owner, ports, endpoints);
  }

  private static SliceInfo.Endpoint endpoint(Endpoint endpoint, String address) {
    return new SliceInfo.Endpoint(
        address,
        text(endpoint.getNodeName()).intern(),
        condition(endpoint.getConditions()),
        hints(endpoint.getHints()));
  }

  /**
   * "A nil value should be interpreted as true" of ready and serving, as false of terminating
   * (discovery.k8s.io/v1, EndpointConditions).
   */
  private static Condition condition(@Nullable EndpointConditions conditions) {
    if (conditions == null || !Boolean.FALSE.equals(conditions.getReady())) {
      return Condition.READY;
    }
    boolean serving = !Boolean.FALSE.equals(conditions.getServing());
    boolean terminating = Boolean.TRUE.equals(conditions.getTerminating());
    return serving && terminating ? Condition.DRAINING : Condition.UNUSED;
  }

  private static Hints hints(@Nullable EndpointHints hints) {
    if (hints == null) {
      return Hints.NONE;
    }
    List<String> zones = names(list(hints.getForZones()).stream().map(ForZone::getName));
    List<String> nodes = names(list(hints.getForNodes()).stream().map(ForNode::getName));
    return zones.isEmpty() && nodes.isEmpty() ? Hints.NONE : new Hints(zones, nodes);
  }

  private static List<String> names(Stream<String> names) {
    return names.map(n -> text(n).intern()).toList();
  }
}
