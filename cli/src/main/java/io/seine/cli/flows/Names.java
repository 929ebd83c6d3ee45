package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.openflow.Ipv4;
import io.seine.openflow.Mac;
import io.seine.openflow.PortDescription;
import io.seine.pipeline.Addresses;
import java.util.HashMap;
import java.util.Map;

/** What the cluster calls addresses, MACs and ports. What has no name is shown as it is. */
final class Names {
  private final Map<String, String> addresses = new HashMap<>();
  private final Map<String, String> macs = new HashMap<>();
  private final Map<Integer, String> ports = new HashMap<>();

  private Names() {}

  static Names of(SwitchReading reading) {
    Names names = new Names();
    ClusterFacts facts = reading.facts();
    names.macs.put(Addresses.ROUTER_MAC.toString(), "router");
    names.address(facts.node().gatewayAddress(), "gw0");
    names.macs.put(facts.node().gatewayMac().toString(), "gw0");
    names.addresses.put(facts.node().podCidr().toString(), "pods of this node");
    names.address(facts.node().nodeAddress(), "node " + facts.node().name());
    facts.node().serviceCidrs().forEach(cidr -> names.addresses.put(cidr.toString(), "services"));
    facts
        .peers()
        .forEach(peer -> {
          names.address(peer.nodeAddress(), "node " + peer.name());
          names.addresses.put(peer.podCidr().toString(), "pods of " + peer.name());
        });
    facts
        .services()
        .forEach(service ->
            service
                .ports()
                .forEach(port ->
                    port.clusterIps()
                        .forEach(ip ->
                            names.address(
                                ip, "service " + service.namespace() + "/" + service.name()))));
    for (PortDescription port : reading.ports()) {
      names.ports.put(port.number(), port.name());
    }
    facts
        .pods()
        .forEach(pod -> {
          String name = "pod " + pod.namespace() + "/" + pod.name();
          names.address(pod.address(), name);
          names.macs.put(pod.mac().toString(), name);
          names.ports.put(pod.ofport(), name);
        });
    return names;
  }

  private void address(Ipv4 address, String name) {
    addresses.put(address.toString(), name);
  }

  /** An address or a network, with its name when it has one. */
  String address(String text) {
    String name = addresses.get(text);
    return name == null ? text : name + " (" + text + ")";
  }

  String mac(Mac mac) {
    return macs.getOrDefault(mac.toString(), mac.toString());
  }

  String port(int number) {
    return ports.getOrDefault(number, "port " + Integer.toUnsignedString(number));
  }
}
