package io.seine.agent.facts;

import io.seine.agent.capability.Capabilities;
import io.seine.agent.cni.OvsdbPodPorts;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.Networks;
import io.seine.agent.dns.LearnedFile;
import io.seine.agent.events.Problem;
import io.seine.agent.host.NodeAddresses;
import io.seine.agent.host.StandIns;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.node.Nodes;
import io.seine.agent.node.SelfNode;
import io.seine.agent.service.ApiServer;
import io.seine.agent.service.ServiceOptions;
import io.seine.agent.service.Services;
import io.seine.agent.service.Translation;
import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import io.seine.openflow.SwitchException;
import io.seine.ovsdb.InterfaceRow;
import io.seine.ovsdb.PodPort;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.ServiceFact;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads once what the agent follows all the time, and translates it the same way: for tools that
 * compare the switch with what it should be, also while no agent runs.
 */
public final class FactsLoader {
  private static final Logger LOG = LoggerFactory.getLogger(FactsLoader.class);

  private static final String GATEWAY_PORT = "gw0";

  private FactsLoader() {}

  /**
   * All facts of the node that the configuration is for.
   *
   * @param config its agent's
   * @param database its OVSDB
   * @throws ApiException if the API cannot be read, or does not say enough of the node; the message
   *     says what is missing
   */
  public static ClusterFacts load(Api api, AgentConfig config, Snapshot database)
      throws ApiException, InterruptedException {
    PolicyObjects objects = PolicyObjects.read(api, config.nodeName());
    List<NodeInfo> infos = objects.nodes();
    NodeInfo own =
        infos.stream()
            .filter(n -> n.name().equals(config.nodeName()))
            .findFirst()
            .orElseThrow(() ->
                new ApiException(
                    "there is no Node %s at %s".formatted(config.nodeName(), api.address())));
    LocalNode self =
        switch (SelfNode.of(own, config)) {
          case SelfNode.Known known -> withAddresses(known.node(), config);
          case SelfNode.Waiting waiting -> throw new ApiException(waiting.reason());
        };
    List<Problem> problems = new ArrayList<>();
    List<LocalPod> pods = pods(database);
    KnownPolicies.Dns dns = dns(api, config);
    return new ClusterFacts(
        self,
        peers(self, infos, problems),
        services(api, config, self, infos, problems),
        pods,
        KnownPolicies.of(self, config.isolateNamespaces(), objects, pods, dns),
        problems);
  }

  private static KnownPolicies.Dns dns(Api api, AgentConfig config)
      throws ApiException, InterruptedException {
    DnsServers servers = new DnsServers(config.dnsServers());
    api.services().forEach(servers::put);
    api.slices().forEach(servers::put);
    Path learned = config.cniSocket().resolveSibling(LearnedFile.NAME);
    try {
      return new KnownPolicies.Dns(LearnedFile.resolved(learned), servers.believed());
    } catch (IOException e) {
      throw new ApiException(
          "what the agent has learned of domain names cannot be read from %s: %s"
              .formatted(learned, e));
    }
  }

  /**
   * With the addresses of the devices, if this process is on the node; elsewhere those of the Node
   * object are as good as can be known.
   */
  private static LocalNode withAddresses(LocalNode self, AgentConfig config) throws ApiException {
    List<Ip> here = onDevices();
    List<Ip> known = here.contains(self.nodeAddress()) ? here : self.addresses();
    NodeAddresses.Own own =
        NodeAddresses.Own.of(known.stream(), Networks.networks(config.nodePortAddresses()));
    return self.withAddresses(own.all(), own.nodePorts());
  }

  /** Those of the namespace this process runs in, but not of the pod network. */
  private static List<Ip> onDevices() throws ApiException {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(device -> NodeAddresses.isOwn(device.getName(), GATEWAY_PORT))
          .flatMap(NetworkInterface::inetAddresses)
          .map(address -> Ip.of(Bits.of(address.getAddress())))
          .toList();
    } catch (SocketException e) {
      throw new ApiException("the addresses of this host cannot be read: " + e);
    }
  }

  private static List<PeerNode> peers(
      LocalNode self, List<NodeInfo> infos, List<Problem> problems) {
    Nodes nodes = new Nodes(self);
    infos.forEach(nodes::put);
    List<PeerNode> peers = new ArrayList<>();
    for (String name : nodes.takeDirty()) {
      Nodes.Translation translation = nodes.translate(name);
      translation.fact().ifPresent(peers::add);
      problems.addAll(translation.problems());
    }
    return peers;
  }

  private static List<ServiceFact> services(
      Api api, AgentConfig config, LocalNode self, List<NodeInfo> infos, List<Problem> problems)
      throws ApiException, InterruptedException {
    Services services =
        new Services(
            self, ServiceOptions.of(config), ApiServer.at(api.address()), new StandIns()::of);
    infos.forEach(services::put);
    List<ServiceInfo> known = api.services();
    known.forEach(services::put);
    if (known.stream().flatMap(s -> s.ports().stream()).anyMatch(FactsLoader::isSctp)) {
      services.sctpPorts(sctpPorts(config));
    }
    api.slices().forEach(services::put);
    List<ServiceFact> facts = new ArrayList<>();
    for (ObjectKey key : services.takeDirty()) {
      Optional<Translation> translation = services.translate(key);
      translation.flatMap(Translation::fact).ifPresent(facts::add);
      translation.ifPresent(t -> problems.addAll(t.problems()));
    }
    return facts;
  }

  private static boolean isSctp(ServiceInfo.Port port) {
    return port.protocol().equals("SCTP");
  }

  /** As the agent finds it out; a switch that is not there is taken for one that can. */
  private static boolean sctpPorts(AgentConfig config) throws InterruptedException {
    try {
      return Capabilities.of(config.ovsRunDir().resolve(config.bridge() + ".mgmt")).sctpPorts();
    } catch (SwitchException e) {
      LOG.debug("whether the switch translates SCTP ports is not known: {}", e.getMessage());
      return true;
    }
  }

  /** The pods that the port rows say are connected; those that OVS has no port for are left out. */
  public static List<LocalPod> pods(Snapshot database) {
    List<LocalPod> pods = new ArrayList<>();
    for (PodPort port : database.podPorts()) {
      database
          .interfaceNamed(port.name())
          .filter(InterfaceRow::attached)
          .flatMap(
              row -> OvsdbPodPorts.fromRow(port).map(p -> p.localPod(row.ofport().orElseThrow())))
          .ifPresent(pods::add);
    }
    return pods;
  }
}
