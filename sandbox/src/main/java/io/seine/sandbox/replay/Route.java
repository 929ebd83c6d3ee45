package io.seine.sandbox.replay;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.verdict.Connection;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Map;

/** The connections that a probe means: one, or for a service one for each of its endpoints. */
public final class Route {
  private final Scene scene;
  private final AddressBook addresses;

  public Route(Scene scene, AddressBook addresses) {
    this.scene = scene;
    this.addresses = addresses;
  }

  /**
   * What policies see of it: a node, and a pod on its network, speaks to pods from its gateway
   * address, and a service's address is that of an endpoint.
   */
  public List<Connection> connections(Probe probe) {
    Ip source = source(probe.source(), probe.family());
    if (!probe.destination().startsWith(Probe.SERVICE)) {
      Ip destination = address(probe.destination(), probe.family());
      return List.of(new Connection(source, destination, probe.transport(), probe.port()));
    }
    ObjectKey key = CaseFile.key(probe.destination().substring(Probe.SERVICE.length()));
    ServiceSpec service = scene.services().get(key);
    if (service == null) {
      throw new CaseException("there is no service " + key);
    }
    int target =
        service.ports().stream()
            .filter(p -> p.transport() == probe.transport() && p.port() == probe.port())
            .findFirst()
            .orElseThrow(() -> new CaseException(key + " has no port " + probe.service()))
            .target();
    List<Connection> connections =
        scene.pods().values().stream()
            .filter(pod -> pod.key().namespace().equals(key.namespace()))
            .filter(pod -> has(pod.labels(), service.selector()))
            .map(pod -> address(pod.key().toString(), probe.family()))
            .map(ip -> new Connection(source, ip, probe.transport(), target))
            .toList();
    if (connections.isEmpty()) {
      throw new CaseException(key + " has no endpoint, so nobody is asked");
    }
    return connections;
  }

  private static boolean has(Map<String, String> labels, Map<String, String> selector) {
    return labels.entrySet().containsAll(selector.entrySet());
  }

  private Ip source(String actor, Family family) {
    PodSpec pod = scene.pods().get(CaseFile.key(actor));
    String node = pod != null && pod.hostNetwork() ? pod.node() : actor;
    if (!scene.nodes().containsKey(node)) {
      return address(actor, family);
    }
    return addresses.gateways(node).stream()
        .filter(ip -> ip.family() == family)
        .findFirst()
        .orElseThrow(() -> new CaseException(node + " has no gateway of " + family));
  }

  private Ip address(String actor, Family family) {
    return addresses
        .of(actor, family)
        .orElseThrow(() -> new CaseException(actor + " has no " + family));
  }
}
