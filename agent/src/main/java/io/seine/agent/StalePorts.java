package io.seine.agent;

import io.seine.agent.cni.CniHandler;
import io.seine.agent.cni.PodPort;
import io.seine.agent.kube.ObjectKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds port rows that no DEL will come for, and removes them: their pod is gone from the API, and
 * so is its network namespace, and both for some time. A namespace that is still there belongs to a
 * sandbox that the runtime has, and will take off itself.
 */
final class StalePorts {
  private static final Logger LOG = LoggerFactory.getLogger(StalePorts.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final CniHandler handler;
  private final InstantSource clock;
  private final Set<ObjectKey> pods = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> suspects = new HashMap<>();

  StalePorts(CniHandler handler, InstantSource clock) {
    this.handler = handler;
    this.clock = clock;
  }

  void pod(ObjectKey key) {
    pods.add(key);
  }

  void podGone(ObjectKey key) {
    pods.remove(key);
  }

  int pods() {
    return pods.size();
  }

  /** Looks at every row; to be called by one thread, when all pods of the node are known. */
  void look() throws IOException, InterruptedException {
    Set<String> seen = new java.util.HashSet<>();
    for (PodPort port : handler.ports()) {
      if (!isStale(port)) {
        continue;
      }
      seen.add(port.portName());
      Instant since = suspects.computeIfAbsent(port.portName(), name -> clock.instant());
      if (since.plus(PATIENCE).isBefore(clock.instant())) {
        LOG.info(
            "removing a port whose pod and network namespace are gone: port={} pod={} addresses={}",
            port.portName(),
            port.owner(),
            port.addresses());
        boolean _ = handler.remove(port.attachment());
      }
    }
    suspects.keySet().retainAll(seen);
  }

  private boolean isStale(PodPort port) {
    return !port.pod().isEmpty()
        && !pods.contains(new ObjectKey(port.namespace(), port.pod()))
        && !port.netns().isEmpty()
        && !Files.exists(Path.of(port.netns()));
  }
}
