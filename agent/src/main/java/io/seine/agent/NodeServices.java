package io.seine.agent;

import io.seine.agent.events.Problem;
import io.seine.agent.facts.ServiceSink;
import io.seine.agent.healthcheck.HealthChecks;
import io.seine.agent.host.Diversion;
import io.seine.agent.host.Nft;
import io.seine.agent.host.ServiceDiversions;
import io.seine.agent.host.StandIns;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.netlink.Netfilter;
import io.seine.agent.netlink.NetlinkException;
import io.seine.agent.service.ApiServer;
import io.seine.agent.service.ServiceOptions;
import io.seine.agent.service.Services;
import io.seine.agent.service.Translation;
import io.seine.openflow.Ip;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What services need of the node beside their flows: their traffic from outside handed to the
 * switch, answers to load balancers' health checks, and the end of long session affinity.
 */
final class NodeServices implements ServiceSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeServices.class);

  private final Agent.Ground ground;
  private final SwitchWatch watch;
  private final Netfilter netfilter;
  private final StandIns standIns = new StandIns();
  private final ServiceDiversions diversions;
  private final HealthChecks healthChecks;
  private final AffinitySweep affinity;
  private volatile Optional<String> diversionProblem = Optional.empty();

  NodeServices(Agent.Ground ground, GroupIds groupIds, SwitchWatch watch) throws StartException {
    this.ground = ground;
    this.watch = watch;
    this.netfilter = netfilter();
    this.diversions =
        new ServiceDiversions(
            new Nft(),
            netfilter,
            SwitchPorts.GATEWAY,
            ServiceDiversions.Periods.DEFAULT,
            new DiversionListener());
    this.healthChecks =
        new HealthChecks(
            ground.node().name(),
            ground.node().nodePortAddresses(),
            () -> ground.health().missing().isEmpty(),
            ground.events());
    this.affinity = new AffinitySweep(groupIds, System::nanoTime);
  }

  private static Netfilter netfilter() throws StartException {
    try {
      return Netfilter.open();
    } catch (NetlinkException e) {
      throw new StartException("the packet filter cannot be asked: " + e.getMessage(), e);
    }
  }

  /** The facts about services, for the one who follows them. */
  Services facts() {
    return new Services(
        ground.node(),
        ServiceOptions.of(ground.config()),
        ApiServer.at(ground.api().address()),
        standIns::of);
  }

  /** What an earlier run gave to external addresses is given to them again. */
  void start() throws StartException, InterruptedException {
    try {
      standIns.adopt(diversions.start());
    } catch (IOException e) {
      throw new StartException(
          "service traffic from outside cannot be diverted: %s; is nft installed?"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** Node ports and health checks are served on these from now on. */
  void addresses(List<Ip> nodePorts) {
    diversions.addresses(nodePorts);
    healthChecks.addresses(nodePorts);
  }

  @Override
  public void put(ObjectRef service, Translation translation) {
    Owner owner = owner(service.key());
    Set<Diversion> wanted = translation.fact().map(Diversion::of).orElse(Set.of());
    Set<Ip> externals = new LinkedHashSet<>();
    for (Diversion diversion : wanted) {
      if (diversion instanceof Diversion.External external) {
        externals.add(external.address());
      }
    }
    diversions.put(owner, wanted);
    standIns.use(owner, externals);
    translation
        .healthCheck()
        .ifPresentOrElse(
            check -> healthChecks.put(service, check.port(), check.localEndpoints()),
            () -> healthChecks.remove(service.key()));
    affinity.put(owner, translation.fact());
  }

  @Override
  public void remove(ObjectKey service) {
    Owner owner = owner(service);
    diversions.remove(owner);
    standIns.use(owner, Set.of());
    healthChecks.remove(service);
    affinity.put(owner, Optional.empty());
  }

  @Override
  public void complete() {
    diversions.complete();
    standIns.complete();
  }

  private static Owner owner(ObjectKey service) {
    return new Owner.Service(service.namespace(), service.name());
  }

  /** Tries again what another program stood in the way of. */
  void retry() {
    healthChecks.retry();
  }

  /** To be called from time to time, while the switch is as wanted. */
  void sweepAffinity(Switch on) throws SwitchException {
    int over = affinity.sweep(on);
    if (over > 0) {
      LOG.info("session affinity has ended: clients={}", over);
    }
  }

  /** How many elements the packet filter's table for services has. */
  int diversions() {
    return diversions.size();
  }

  /** What keeps traffic from outside from being diverted as wanted; empty if nothing does. */
  Optional<String> diversionProblem() {
    return diversionProblem;
  }

  /** How many health check ports answer. */
  int healthChecks() {
    return healthChecks.open();
  }

  /** Of the health checks. */
  List<Problem> problems() {
    return healthChecks.problems();
  }

  @Override
  public void close() {
    healthChecks.close();
    diversions.close();
    try {
      netfilter.close();
    } catch (NetlinkException e) {
      LOG.debug("while closing the packet filter: {}", e.toString());
    }
  }

  private final class DiversionListener implements ServiceDiversions.Listener {
    @Override
    public void applied() {
      diversionProblem = Optional.empty();
    }

    @Override
    public void repaired(String what) {
      watch.trouble(what);
      ground.events().warning(ground.info().ref(), "PacketFilterRepaired", what);
    }

    @Override
    public void failed(String problem) {
      String text = "service traffic from outside is not diverted as wanted: " + problem;
      if (diversionProblem.isEmpty()) {
        ground.events().warning(ground.info().ref(), "PacketFilterRefused", text);
        watch.trouble(text);
      }
      diversionProblem = Optional.of(text);
    }
  }
}
