package io.seine.agent;

import io.seine.agent.cni.CniFront;
import io.seine.agent.cni.CniServer;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.DatapathType;
import io.seine.agent.config.Networks;
import io.seine.agent.events.ApiEvents;
import io.seine.agent.host.Datapaths;
import io.seine.agent.host.IpForwarding;
import io.seine.agent.host.KubeProxyCheck;
import io.seine.agent.host.NodeAddresses;
import io.seine.agent.host.Transport;
import io.seine.agent.host.Unixctl;
import io.seine.agent.http.HttpEndpoint;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.metrics.AgentMetrics;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.node.Nodes;
import io.seine.agent.node.SelfNode;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import io.seine.ovsdb.Backoff;
import io.seine.ovsdb.BridgeManager;
import io.seine.ovsdb.OpenVSwitchRow;
import io.seine.ovsdb.OvsdbSession;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.LocalNode;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent of one node, from its configuration to a running {@link NodeAgent}: it opens the
 * sockets that others ask it by, waits for OVSDB and for the Node object, and prepares the bridge
 * and the host.
 *
 * <p>What may come later is waited for, with a line in the log when the reason changes; what only a
 * person can mend ends the start.
 */
public final class Agent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration OVSDB_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration CNI_LONGEST = Duration.ofMinutes(2);

  private final AgentConfig config;
  private final Consumer<String> fatal;
  private final Health health = new Health();
  private final AgentMetrics metrics = new AgentMetrics();
  private final AtomicLong ovsdbConnects = new AtomicLong();
  private final Parts running = new Parts();
  private final Parts cni = new Parts();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Optional<NodeAgent> node = Optional.empty();
  private volatile int httpPort;

  /**
   * @param fatal told, once running, of what the agent cannot go on with
   */
  public Agent(AgentConfig config, Consumer<String> fatal) {
    this.config = config;
    this.fatal = fatal;
  }

  /**
   * What the start has found out so far, for its later steps.
   *
   * @param peerCidrs the pod networks of the peers there were at the start
   */
  record Ground(
      AgentConfig config,
      Api api,
      ApiEvents events,
      OvsdbSession ovsdb,
      BridgeManager bridge,
      Netlink netlink,
      Transport transport,
      String datapathType,
      NodeInfo info,
      LocalNode node,
      List<IpPrefix> peerCidrs,
      int podMtu,
      Health health,
      AgentMetrics metrics) {
    /** Whether the switch has the userspace datapath. */
    boolean userspace() {
      return datapathType.equals(Datapaths.USERSPACE);
    }

    /** The control socket of the node's ovs-vswitchd. */
    Unixctl vswitchd() {
      return new Unixctl(config.ovsRunDir(), "ovs-vswitchd");
    }
  }

  /**
   * Starts, and returns when all parts run; whether the node is ready by then, {@link #ready} says.
   *
   * @throws StartException if it cannot, with what to do about it
   */
  public void start() throws StartException, InterruptedException {
    LOG.info("starting: node={} bridge={}", config.nodeName(), config.bridge());
    serveHttp();
    CniFront front = new CniFront(health, metrics::cni);
    serveCni(front);
    checkKubeProxy();
    Api api = running.keep(api());
    ApiEvents events =
        running.keep(ApiEvents.start(api, config.nodeName(), InstantSource.system()));
    OvsdbSession ovsdb = running.keep(openOvsdb());
    Snapshot database = awaitOvsdb(ovsdb);
    NodeInfo info = awaitNode(api);
    Netlink netlink = running.keep(netlink());
    LocalNode self = withAddresses(((SelfNode.Known) SelfNode.of(info, config)).node(), netlink);
    health.well(Health.Part.NODE);
    checkForwarding(self);
    Transport transport = awaitTransport(netlink, self);
    int mtu = podMtu(transport, self);
    String datapath = datapath(database);
    LOG.info(
        "node: address={} device={} pods={} services={} mtu={} datapath={}",
        self.nodeAddress(),
        transport.device().name(),
        self.networks().stream().map(LocalNode.Network::podCidr).toList(),
        self.serviceCidrs(),
        mtu,
        datapath);
    BridgeManager bridge = new BridgeManager(ovsdb, config.bridge(), OVSDB_TIMEOUT);
    Ground ground =
        new Ground(
            config,
            api,
            events,
            ovsdb,
            bridge,
            netlink,
            transport,
            datapath,
            info,
            self,
            awaitPeers(api, self),
            mtu,
            health,
            metrics);
    NodeAgent started = running.keep(new NodeAgent(ground, front, fatal));
    node = Optional.of(started);
    started.start();
  }

  /** Whether the switch holds all that the node needs, and everything else is well too. */
  public boolean ready() {
    return health.missing().isEmpty();
  }

  /** Where HTTP is served, once started. */
  public int httpPort() {
    return httpPort;
  }

  private void serveHttp() throws StartException {
    try {
      HttpEndpoint http = running.keep(HttpEndpoint.start(config.httpAddress(), config.httpPort()));
      httpPort = http.port();
      http.serve("/healthz", () -> HttpEndpoint.Page.text(200, "ok\n"));
      http.serve(
          "/readyz",
          () ->
              ready()
                  ? HttpEndpoint.Page.text(200, "ok\n")
                  : HttpEndpoint.Page.text(503, String.join("\n", health.missing()) + "\n"));
      http.serve(
          "/metrics",
          () ->
              new HttpEndpoint.Page(
                  200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
      http.serve(
          "/status",
          () ->
              HttpEndpoint.Page.json(
                  node.map(NodeAgent::status)
                      .orElseGet(() -> StatusPage.starting(config, health))));
      LOG.info("serving HTTP: address={} port={}", config.httpAddress(), httpPort);
    } catch (IOException e) {
      throw new StartException(
          "cannot serve HTTP on %s:%d: %s; choose another 'httpPort' or 'httpAddress'"
              .formatted(config.httpAddress(), config.httpPort(), e.getMessage()),
          e);
    }
    metrics.gauge("seine.agent.ready", "1 when the node is ready", "", "", () -> ready() ? 1 : 0);
    metrics.counter(
        "seine.agent.ovsdb.connects", "Connections made to OVSDB", "", "", ovsdbConnects);
    metrics.gauge(
        "seine.agent.resident.memory.bytes",
        "The process's resident memory",
        "",
        "",
        ProcessMemory::residentBytes);
  }

  private void serveCni(CniFront front) throws StartException {
    try {
      cni.keep(CniServer.start(config.cniSocket(), front, CNI_LONGEST));
      LOG.info("serving CNI: socket={}", config.cniSocket());
    } catch (IOException e) {
      throw new StartException(
          "cannot listen on the CNI socket %s: %s; run as root, and see that its directory can be"
                  .formatted(config.cniSocket(), e.getMessage())
              + " written",
          e);
    }
  }

  private void checkKubeProxy() throws StartException {
    Optional<String> running = KubeProxyCheck.running();
    if (running.isPresent() && config.serviceProxyName().isEmpty()) {
      throw new StartException(running.get());
    }
  }

  private void checkForwarding(LocalNode self) throws StartException {
    IpForwarding forwarding = new IpForwarding();
    List<Family> families = self.networks().stream().map(LocalNode.Network::family).toList();
    try {
      Optional<String> problem = forwarding.problem(families);
      if (problem.isPresent() && config.enableIpForwarding()) {
        forwarding.enable(families);
        LOG.info("IP forwarding has been switched on");
      } else if (problem.isPresent()) {
        throw new StartException(problem.get() + " ('enableIpForwarding')");
      }
    } catch (IOException e) {
      throw new StartException("IP forwarding cannot be checked: " + e.getMessage(), e);
    }
  }

  private Api api() throws StartException {
    try {
      return Api.connect(config, name -> Optional.ofNullable(System.getenv(name)).orElse(""));
    } catch (ApiException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Netlink netlink() throws StartException {
    try {
      return Netlink.open();
    } catch (IOException e) {
      throw new StartException("netlink cannot be used: " + e.getMessage(), e);
    }
  }

  private LocalNode withAddresses(LocalNode self, Netlink netlink) throws StartException {
    try {
      NodeAddresses.Own own = nodeAddresses(netlink, config).read();
      return self.withAddresses(own.all(), own.nodePorts());
    } catch (IOException e) {
      throw new StartException("the node's addresses cannot be read: " + e.getMessage(), e);
    }
  }

  static NodeAddresses nodeAddresses(Netlink netlink, AgentConfig config) {
    return new NodeAddresses(
        netlink, SwitchPorts.GATEWAY, Networks.networks(config.nodePortAddresses()));
  }

  private OvsdbSession openOvsdb() {
    return OvsdbSession.open(
        config.ovsdbSocket(),
        new OvsdbSession.Options(
            OVSDB_TIMEOUT,
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Backoff.exponential(
                Duration.ofMillis(100), Duration.ofSeconds(5), RandomGenerator.getDefault())),
        new OvsdbSession.Listener() {
          @Override
          public void connected(Snapshot snapshot) {
            ovsdbConnects.incrementAndGet();
            health.well(Health.Part.OVSDB);
            LOG.info("connected to OVSDB: socket={}", config.ovsdbSocket());
            node.ifPresent(NodeAgent::ovsdbConnected);
          }

          @Override
          public void disconnected(String why) {
            if (closed.getCount() > 0) {
              failed(why);
              LOG.warn("the connection to OVSDB ended: {}", why);
            }
          }

          @Override
          public void failed(String why) {
            health.ill(Health.Part.OVSDB, "not connected to OVSDB: " + why);
          }
        });
  }

  /** Something that may not be there yet. */
  private interface Wanted<T> {
    /** The thing, or a reason why not, as an exception of whatever type. */
    T get() throws Exception;
  }

  /** Tries until it is there, logging each new reason once, which {@code ill} is told as well. */
  private <T> T await(Wanted<T> wanted, Consumer<String> ill) throws InterruptedException {
    String last = "";
    while (true) {
      try {
        return wanted.get();
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        String reason = String.valueOf(e.getMessage());
        ill.accept(reason);
        if (!reason.equals(last)) {
          LOG.warn("waiting: {}", reason);
          last = reason;
        }
      }
      if (closed.await(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new InterruptedException("closed while starting");
      }
    }
  }

  /**
   * How OVSDB is, only the session's listener says, on its one thread: said from here as well, it
   * could be that of the moment before the connection, and would stay.
   */
  private Snapshot awaitOvsdb(OvsdbSession ovsdb) throws InterruptedException {
    return await(() -> ovsdb.awaitConnected(RETRY), reason -> {});
  }

  private NodeInfo awaitNode(Api api) throws InterruptedException {
    return await(
        () -> {
          NodeInfo info =
              api.node(config.nodeName())
                  .orElseThrow(() ->
                      new ApiException(
                          "there is no Node %s at %s; 'nodeName' must be its name"
                              .formatted(config.nodeName(), api.address())));
          return switch (SelfNode.of(info, config)) {
            case SelfNode.Known _ -> info;
            case SelfNode.Waiting waiting -> throw new ApiException(waiting.reason());
          };
        },
        reason -> health.ill(Health.Part.NODE, reason));
  }

  /**
   * An earlier run's routes must last until the peers are followed, so they are read once first.
   */
  private List<IpPrefix> awaitPeers(Api api, LocalNode self) throws InterruptedException {
    return await(
        () -> {
          Nodes nodes = new Nodes(self);
          api.nodes().forEach(nodes::put);
          return nodes.takeDirty().stream()
              .flatMap(name -> nodes.translate(name).fact().stream())
              .flatMap(peer -> peer.podCidrs().stream())
              .toList();
        },
        reason -> health.ill(Health.Part.HOST, reason));
  }

  private Transport awaitTransport(Netlink netlink, LocalNode self) throws InterruptedException {
    return await(
        () -> Transport.find(netlink, self.nodeAddress()),
        reason -> health.ill(Health.Part.HOST, reason));
  }

  private int podMtu(Transport transport, LocalNode self) throws StartException {
    if (config.mtu().isPresent()) {
      int mtu = config.mtu().get();
      if (mtu < Transport.SMALLEST_POD_MTU && self.network(Family.IPV6).isPresent()) {
        throw new StartException(
            "'mtu' is %d, but pods of node %s have IPv6, which needs %d at least"
                .formatted(mtu, self.name(), Transport.SMALLEST_POD_MTU));
      }
      return mtu;
    }
    try {
      return transport.podMtu(self.nodeAddress().family() == Family.IPV6);
    } catch (IOException e) {
      throw new StartException(e.getMessage() + "; or set 'mtu'", e);
    }
  }

  private String datapath(Snapshot database) throws StartException {
    boolean offered =
        database
            .openVSwitch()
            .map(OpenVSwitchRow::datapathTypes)
            .filter(types -> types.contains(Datapaths.KERNEL))
            .isPresent();
    boolean kernel = offered && Datapaths.detect().equals(Datapaths.KERNEL);
    if (config.datapathType() == DatapathType.SYSTEM && !kernel) {
      throw new StartException(
          "'datapathType' is system, but the kernel's openvswitch module is not loaded: run"
              + " 'modprobe openvswitch', or set it to netdev");
    }
    boolean system =
        config.datapathType() == DatapathType.SYSTEM
            || (config.datapathType() == DatapathType.AUTO && kernel);
    return system ? Datapaths.KERNEL : Datapaths.USERSPACE;
  }

  /** Stops all parts, and leaves switch, host and pods as they are. */
  @Override
  public void close() {
    closed.countDown();
    cni.close(); // first, so that requests at work can still end well
    running.close();
    LOG.info("stopped; the data plane goes on as it is");
  }
}
