package io.seine.agent;

import io.seine.agent.host.IpForwarding;
import io.seine.agent.host.KubeProxyCheck;
import io.seine.agent.host.Nft;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a start says of the node without waiting for anything to change. */
final class StartWarnings {
  private static final Logger LOG = LoggerFactory.getLogger(StartWarnings.class);

  private final Agent.Ground ground;

  StartWarnings(Agent.Ground ground) {
    this.ground = ground;
  }

  void say() throws InterruptedException {
    ofMissingFamilies();
    ofHost();
  }

  /** Services of a family that no pod here has cannot be reached by anyone here. */
  private void ofMissingFamilies() {
    for (IpPrefix services : ground.node().serviceCidrs()) {
      Family family = services.family();
      if (ground.node().network(family).isEmpty()) {
        warn(
            "PodCIDRFamilyMissing",
            "services of %s are not served on this node: it has no pod network of that family"
                    .formatted(services)
                + " in spec.podCIDRs");
      }
    }
  }

  /** What someone else's settings do to pods and services. */
  private void ofHost() throws InterruptedException {
    try {
      if (ground.config().serviceProxyName().isEmpty()) {
        KubeProxyCheck.leftOver(new Nft(), ground.netlink())
            .ifPresent(message -> warn("KubeProxyLeftOver", message));
      }
      new IpForwarding()
          .unheardAdvertisements(ground.transport().device().name())
          .ifPresent(message -> warn("RoutesMayExpire", message));
    } catch (IOException e) {
      LOG.warn("the node's settings cannot be looked through: {}", e.getMessage());
    }
  }

  private void warn(String reason, String message) {
    ground.events().warning(ground.info().ref(), reason, message);
  }
}
