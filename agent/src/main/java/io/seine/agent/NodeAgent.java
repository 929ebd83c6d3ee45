package io.seine.agent;

import io.seine.agent.cni.CniFront;
import io.seine.agent.cni.CniHandler;
import io.seine.agent.cni.CniNode;
import io.seine.agent.cni.DeferredDeletes;
import io.seine.agent.cni.NetlinkPodLinks;
import io.seine.agent.cni.OvsdbPodPorts;
import io.seine.agent.config.Networks;
import io.seine.agent.events.ApiConditions;
import io.seine.agent.facts.FactLoop;
import io.seine.agent.facts.Latency;
import io.seine.agent.host.CachedFlows;
import io.seine.agent.host.HostFacts;
import io.seine.agent.host.HostKeeper;
import io.seine.agent.host.HostNetwork;
import io.seine.agent.host.Nft;
import io.seine.agent.host.NodeAddressWatch;
import io.seine.agent.host.NodeAddresses;
import io.seine.agent.host.PacketFilter;
import io.seine.agent.host.TunnelNeighbours;
import io.seine.agent.host.UnderlayBridge;
import io.seine.agent.host.UserspaceTunnelNeighbours;
import io.seine.agent.ipam.AddressPool;
import io.seine.agent.ipam.AddressPools;
import io.seine.agent.kube.InformerState;
import io.seine.agent.kube.Informers;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.netlink.AddressEvents;
import io.seine.agent.netlink.Netlink;
import io.seine.openflow.Action;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Ports;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.ConnectionOptions;
import io.seine.openflow.connection.OpenFlowClient;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.ovsdb.OvsdbException;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PodId;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that runs on a node once it is known what the node is: the reconciler and what feeds it, the
 * host's network, the CNI operations, and the upkeep of all of these.
 *
 * <pre>
 *   API --informers--> FactLoop --services, pods with policies--> Reconciler --bundles--> OpenFlow
 *                       ^  \--peers--> PeerConnector --^   \--routes--> HostKeeper
 *   CNI --> CniHandler -+--pods, by way of PodFlows
 *   OVSDB --changes--> Upkeep --> ports, pods' numbers, host, tunnels
 * </pre>
 */
final class NodeAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);
  private static final Duration HOST_PERIOD = Duration.ofSeconds(60);
  private static final Duration CNI_STEP = Duration.ofSeconds(20);
  private static final Duration SHORTEST_REST = Duration.ofSeconds(2);
  private static final Duration AUDIT_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration HEAP_PERIOD = Duration.ofSeconds(10);
  private static final Duration OFTEN = Duration.ofSeconds(10);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofSeconds(2);

  /** A peer that is dead must not keep this node from getting ready. */
  private static final Duration TUNNELS_LONGEST = Duration.ofSeconds(10);

  private static final int CONTROLLER_ID = 0;

  private final Agent.Ground ground;
  private final CniFront front;
  private final ObjectRef self;
  private final GroupIds groupIds = new GroupIds();
  private final Latency latency = new Latency(System::nanoTime);
  private final SwitchWatch watch;
  private final Reconciler reconciler;
  private final PodFlows podFlows;
  private final AddressPools pools;
  private final CniHandler handler;
  private final StalePorts stalePorts;
  private final HostKeeper host;
  private final PeerConnector peers;
  private final NodeIdentity identity;
  private final NodeServices services;
  private final CachedFlows cached;
  private final NodePolicies policies;
  private final ApiConditions conditions;
  private final FactLoop facts;
  private final PacketIns packets;
  private final SwitchCapabilities capabilities;
  private final SwitchPorts ports;
  private final Upkeep upkeep = new Upkeep("upkeep");
  private final Upkeep audits = new Upkeep("audit");
  private final Upkeep.Step portsStep;
  private final Upkeep.Step podsStep;
  private final Upkeep.Step restoredStep;
  private final AtomicBoolean switchConnected = new AtomicBoolean();
  private final AtomicBoolean peersKnown = new AtomicBoolean();
  private final AtomicBoolean allKnown = new AtomicBoolean();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong openFlowConnects = new AtomicLong();
  private final AtomicLong tunnelsAsked = new AtomicLong();
  private final Parts running = new Parts();
  private volatile Optional<OpenFlowConnection> connection = Optional.empty();
  private volatile Optional<Informers> informers = Optional.empty();
  private volatile LocalNode node;

  NodeAgent(Agent.Ground ground, CniFront front, Consumer<String> fatal) throws StartException {
    this.ground = ground;
    this.front = front;
    this.self = ground.info().ref();
    this.node = ground.node();
    this.identity = new NodeIdentity(ground, fatal);
    this.watch =
        new SwitchWatch(ground.metrics(), ground.events(), self, latency, this::flowsReady);
    this.reconciler = new Reconciler(groupIds, watch);
    this.peers = new PeerConnector(ground.node(), reconciler, tunnels(), this::routes);
    this.services = new NodeServices(ground, groupIds, watch);
    this.conditions =
        running.keep(ApiConditions.start(ground.api()::apply, ApiConditions.Pauses.DEFAULT));
    this.facts =
        new FactLoop(
            ground.node(),
            services.facts(),
            ground.config().isolateNamespaces(),
            new FactLoop.Outlets(
                reconciler, groupIds, peers, services, ground.events(), conditions, latency),
            new Known());
    this.podFlows =
        new PodFlows(
            facts.pods(),
            new PodLookup(PodLookup.of(ground.api()), facts.pods()),
            reconciler,
            switchConnected::get);
    this.cached = running.keep(new CachedFlows(ground.vswitchd(), ground.userspace()));
    watch.flowsChanged(cached::outdate);
    this.policies = new NodePolicies(ground, facts, reconciler, podFlows, cached);
    this.ports =
        new SwitchPorts(
            ground.bridge(),
            ground.config(),
            ground.datapathType(),
            ground.node(),
            ground.podMtu());
    this.pools = pools();
    this.handler = new CniHandler(cniNode(), InstantSource.system(), ground.metrics()::cni);
    this.stalePorts = new StalePorts(handler, InstantSource.system());
    this.host =
        new HostKeeper(
            new HostNetwork(ground.netlink(), SwitchPorts.GATEWAY),
            new PacketFilter(new Nft()),
            SwitchPorts.GATEWAY,
            NetlinkPodLinks.DEVICE_GROUP,
            HOST_PERIOD,
            new HostListener());
    this.watch.ownerWarning(facts::warn);
    this.capabilities =
        new SwitchCapabilities(management(), found -> facts.sctpPorts(found.sctpPorts()), watch);
    this.packets =
        new PacketIns(
            ground.node(),
            this::send,
            facts.policies(),
            policies.dns()::packetIn,
            ground.config().rejectRate(),
            ground.config().policyLogRate());
    this.portsStep = upkeep.every(ground.config().auditInterval(), "ports", this::checkPorts);
    this.podsStep = upkeep.every(OFTEN, "pods", this::checkPods);
    var _ = upkeep.every(TunnelNeighbours.PRIME_AGAIN_AFTER, "tunnels", peers::keepPrimed);
    this.restoredStep = upkeep.every(ground.config().auditInterval(), "restored", this::restored);
    var _ = upkeep.every(SOON, "silent tunnels", peers::primeSilent);
    var _ = upkeep.every(OFTEN, "health checks", services::retry);
    var _ = upkeep.every(HOST_PERIOD, "affinity", this::sweepAffinity);
    var _ = upkeep.every(SECOND, "domain names", policies.dns()::tick);
    var _ = upkeep.every(OFTEN, "policy log", packets.policies()::report);
    var _ = upkeep.every(HEAP_PERIOD, "memory", new SpareHeap()::giveBack);
    var _ = audits.every(ground.config().auditInterval(), "audit", this::audit);
  }

  private AddressPools pools() throws StartException {
    Duration rest = ground.config().addressRest();
    Duration shortest = rest.compareTo(SHORTEST_REST) < 0 ? rest : SHORTEST_REST;
    try {
      return new AddressPools(
          ground.node().networks().stream()
              .map(n -> new AddressPool(n.podCidr(), rest, shortest, InstantSource.system()))
              .toList());
    } catch (IllegalArgumentException e) {
      throw new StartException(
          "node " + ground.node().name() + " cannot give addresses: " + e.getMessage(), e);
    }
  }

  private CniNode cniNode() {
    return new CniNode(
        new OvsdbPodPorts(ground.ovsdb(), ground.bridge()),
        new NetlinkPodLinks(ground.netlink(), Netlink::open, ground.userspace()),
        podFlows,
        pools,
        ground.health(),
        (reason, message) -> ground.events().warning(self, reason, message),
        ground.podMtu(),
        CNI_STEP);
  }

  private TunnelNeighbours tunnels() {
    if (!ground.userspace()) {
      return TunnelNeighbours.KERNEL;
    }
    Optional<String> problem =
        UnderlayBridge.problem(ground.ovsdb().cache().snapshot(), ground.transport().device());
    if (problem.isPresent()) {
      ground.events().warning(self, "UnderlayNotUsable", problem.get());
      return TunnelNeighbours.KERNEL;
    }
    return new UserspaceTunnelNeighbours(
        ground.netlink(), ground.vswitchd(), ground.transport().device());
  }

  /** Starts everything; returns without waiting for the node to be ready. */
  void start() throws StartException, InterruptedException {
    NodeMetrics.register(ground.metrics(), this);
    new StartWarnings(ground).say();
    awaitPorts();
    routes(List.of());
    boolean _ = host.awaitApplied(CNI_STEP);
    adoptPods();
    cached.start();
    running.keep(
        OpenFlowClient.start(
            management(),
            packets.metered(ConnectionOptions.DEFAULT.withControllerId(CONTROLLER_ID)),
            new SwitchListener()));
    services.start();
    followAddresses();
    policies.start();
    facts.start();
    Informers reading = Informers.start(ground.api(), ground.config().nodeName(), facts);
    running.keep(reading);
    informers = Optional.of(reading);
    front.open(handler);
    replayDeletes();
    running.keep(ground.ovsdb().cache().onChange(snapshot -> podsStep.ask()));
    upkeep.start();
    audits.start();
  }

  /** Base flows, node ports and what services may claim go by the addresses the node has. */
  private void followAddresses() throws StartException {
    try {
      running.keep(
          NodeAddressWatch.start(
              Agent.nodeAddresses(ground.netlink(), ground.config()),
              AddressEvents.open(),
              HOST_PERIOD,
              this::addresses));
    } catch (IOException e) {
      throw new StartException("the node's addresses cannot be followed: " + e.getMessage(), e);
    }
  }

  private void addresses(NodeAddresses.Own own) {
    node = ground.node().withAddresses(own.all(), own.nodePorts());
    reconciler.put(new Owner.Base(), BaseCompiler.compile(node));
    services.addresses(own.nodePorts());
    facts.addresses(own.all());
  }

  private Path management() {
    return ground.config().ovsRunDir().resolve(ground.config().bridge() + ".mgmt");
  }

  /** ovs-vswitchd may still be starting, so a failure is not the end. */
  private void awaitPorts() throws InterruptedException {
    while (true) {
      try {
        checkPorts();
        return;
      } catch (OvsdbException e) {
        LOG.warn("waiting for the bridge: {}", e.getMessage());
        ground.health().ill(Health.Part.PORTS, String.valueOf(e.getMessage()));
        if (closing.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new InterruptedException("closed while waiting for the bridge");
        }
      }
    }
  }

  private void adoptPods() throws StartException {
    try {
      List<LocalPod> pods = handler.adopt();
      podFlows.adopt(pods);
      facts.adopt(pods);
      LOG.info("pods taken over: pods={} addresses=\"{}\"", pods.size(), pools.usage());
    } catch (IOException e) {
      throw new StartException("the node's pods cannot be taken over: " + e.getMessage(), e);
    }
  }

  private void replayDeletes() throws StartException {
    Path beside = ground.config().cniSocket().resolveSibling("deferred-del");
    try {
      running.keep(DeferredDeletes.start(beside, handler, CNI_STEP, HOST_PERIOD));
    } catch (IOException e) {
      throw new StartException(
          "the requests that came while the agent was down cannot be read from %s: %s"
              .formatted(beside, e.getMessage()),
          e);
    }
  }

  private void checkPorts() {
    ports.ensure();
    ground.health().well(Health.Part.PORTS);
  }

  private void checkPods() throws IOException, InterruptedException {
    if (!ground.ovsdb().connected()) {
      return;
    }
    handler.refresh();
    if (allKnown.get()) {
      stalePorts.look();
    }
  }

  /**
   * All flows are in the switch, so ovs-vswitchd need not hold traffic back any more. Only from
   * then on can the peers answer, and a switch that has restarted has forgotten them.
   */
  private void restored() {
    if (reconciler.ready() && ground.ovsdb().connected()) {
      ground.bridge().clearRestoreWait();
      capabilities.released();
      long connects = openFlowConnects.get();
      if (tunnelsAsked.getAndSet(connects) != connects) {
        Thread.startVirtualThread(() -> askPeers(connects));
      }
    }
  }

  private void askPeers(long connects) {
    try {
      peers.primeAll(TUNNELS_LONGEST);
      if (openFlowConnects.get() == connects) {
        ground.health().well(Health.Part.TUNNELS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void audit() throws Exception {
    if (switchConnected.get() && reconciler.ready()) {
      var _ = reconciler.audit(AUDIT_TIMEOUT);
    }
  }

  private void sweepAffinity() throws SwitchException {
    Optional<OpenFlowConnection> present = connection;
    if (present.isPresent() && reconciler.ready()) {
      services.sweepAffinity(present.get());
    }
  }

  void ovsdbConnected() {
    portsStep.ask();
    podsStep.ask();
    restoredStep.ask();
  }

  private void routes(List<IpPrefix> peerCidrs) {
    List<IpPrefix> all = new ArrayList<>(peerCidrs);
    if (!peersKnown.get()) {
      all.addAll(ground.peerCidrs());
    }
    host.update(
        new HostFacts(
            ground.node().networks(),
            ground.podMtu(),
            all,
            ground.config().clusterPodCidrs().stream()
                .flatMap(text -> Networks.network(text).stream())
                .toList(),
            ground.node().serviceCidrs(),
            ground.config().masquerade()));
  }

  private void flowsReady(boolean ready) {
    if (ready) {
      ground.health().well(Health.Part.FLOWS);
      restoredStep.ask();
      LOG.info(
          "the switch is as wanted: peers={} services={}",
          facts.counts().peers(),
          facts.counts().services());
    } else {
      ground.health().ill(Health.Part.FLOWS, "the switch's flows are not as wanted yet");
    }
  }

  private void send(int port, byte[] frame) throws SwitchException {
    OpenFlowConnection present =
        connection.orElseThrow(() -> new SwitchException("there is no connection to the switch"));
    present.packetOut(Ports.CONTROLLER, List.of(new Action.Output(port)), frame);
  }

  private final class SwitchListener implements OpenFlowClient.Listener {
    @Override
    public void connected(OpenFlowConnection fresh) {
      openFlowConnects.incrementAndGet();
      fresh.onPacketIn(packets::packetIn);
      connection = Optional.of(fresh);
      policies.connected(fresh);
      switchConnected.set(true);
      ground.health().ill(Health.Part.TUNNELS, Health.TUNNELS_NOT_TRIED);
      ground.health().well(Health.Part.SWITCH);
      LOG.info("connected to the switch: bridge={}", fresh.name());
      capabilities.connected(ground.bridge().waitsForFlows());
      reconciler.connected(fresh);
      portsStep.ask();
      podsStep.ask();
      host.look();
    }

    @Override
    public void disconnected(SwitchException reason) {
      connection = Optional.empty();
      policies.disconnected();
      switchConnected.set(false);
      reconciler.disconnected();
      ground
          .health()
          .ill(Health.Part.SWITCH, "not connected to the switch: " + reason.getMessage());
      if (closing.getCount() > 0) {
        LOG.warn("the connection to the switch ended: {}", reason.getMessage());
      }
    }
  }

  private final class HostListener implements HostKeeper.Listener {
    @Override
    public void applied(HostFacts done, List<String> changes) {
      ground.health().well(Health.Part.HOST);
    }

    @Override
    public void failed(String problem) {
      ground.health().ill(Health.Part.HOST, "the host's network: " + problem);
      watch.trouble(problem);
    }
  }

  /** Hears of the facts that are neither services nor peers. */
  private final class Known implements FactLoop.Listener {
    @Override
    public void self(NodeInfo node) {
      identity.check(node);
    }

    @Override
    public void pod(PodInfo pod) {
      stalePorts.pod(pod.key());
    }

    @Override
    public void podGone(ObjectKey key) {
      stalePorts.podGone(key);
    }

    @Override
    public void judgedAnew(Set<PodId> pods, Set<Owner> owners) {
      policies.judgedAnew(pods, owners);
    }

    @Override
    public void allKnown() {
      ground.health().well(Health.Part.API);
      peersKnown.set(true);
      peers.routesAgain();
      allKnown.set(true);
      reconciler.initialSyncComplete();
    }
  }

  /** The page for {@code seine status}. */
  String status() {
    return StatusPage.of(this);
  }

  /** The node with the addresses it has at the moment. */
  LocalNode node() {
    return node;
  }

  Agent.Ground ground() {
    return ground;
  }

  Reconciler reconciler() {
    return reconciler;
  }

  SwitchWatch watch() {
    return watch;
  }

  FactLoop.Counts counts() {
    return facts.counts();
  }

  int pods() {
    return podFlows.size();
  }

  SwitchCapabilities capabilities() {
    return capabilities;
  }

  NodeServices services() {
    return services;
  }

  NodePolicies policies() {
    return policies;
  }

  FactLoop facts() {
    return facts;
  }

  PeerConnector peers() {
    return peers;
  }

  AddressPool.Usage addresses() {
    return pools.usage();
  }

  PacketIns packets() {
    return packets;
  }

  boolean switchConnected() {
    return switchConnected.get();
  }

  long openFlowConnects() {
    return openFlowConnects.get();
  }

  long droppedPacketIns() {
    return connection.map(OpenFlowConnection::droppedPacketIns).orElse(0L);
  }

  List<InformerState.Report> informers() {
    return informers.map(Informers::reports).orElse(List.of());
  }

  @Override
  public void close() {
    closing.countDown();
    upkeep.close();
    audits.close();
    running.close();
    facts.close();
    services.close();
    policies.close();
    peers.close();
    host.close();
    reconciler.close();
  }
}
