package io.seine.agent;

import io.seine.agent.facts.Peers;
import io.seine.agent.host.TunnelNeighbours;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects this node with its peers: the host's routes, the tunnel's readiness, and then the flows,
 * so that the first packet that the flows let through is not lost. A peer that does not answer gets
 * its flows all the same, and is asked again.
 *
 * <p>The peers of the start get their flows at once, and the node gets ready after their tunnels:
 * the switch may hold all traffic back, the tunnels' own included, until its flows are there.
 *
 * <p>Safe for any thread. A few peers are asked at once; what is asked of one peer ends with the
 * newest facts about it.
 */
final class PeerConnector implements Peers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerConnector.class);
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(1);
  private static final int AT_ONCE = 16;

  private final LocalNode node;
  private final Reconciler reconciler;
  private final TunnelNeighbours tunnel;
  private final Consumer<List<IpPrefix>> routes;
  private final Semaphore turns = new Semaphore(AT_ONCE);
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, PeerNode> peers = new HashMap<>();
  private final Set<String> silent = new HashSet<>();
  private boolean started;
  private int asking;

  /**
   * @param routes told the pod networks of all peers whenever they change; must not block
   */
  PeerConnector(
      LocalNode node,
      Reconciler reconciler,
      TunnelNeighbours tunnel,
      Consumer<List<IpPrefix>> routes) {
    this.node = node;
    this.reconciler = reconciler;
    this.tunnel = tunnel;
    this.routes = routes;
  }

  @Override
  public void put(PeerNode peer) {
    synchronized (peers) {
      if (peer.equals(peers.put(peer.name(), peer))) {
        return;
      }
      tellRoutes();
      if (started) {
        asking++;
        workers.execute(() -> connect(peer));
      } else {
        wish(peer);
      }
    }
    LOG.info("peer: node={} address={} pods={}", peer.name(), peer.nodeAddress(), peer.podCidrs());
  }

  @Override
  public void remove(String name) {
    synchronized (peers) {
      if (peers.remove(name) == null) {
        return;
      }
      silent.remove(name);
      reconciler.remove(new Owner.Node(name));
      tellRoutes();
    }
    LOG.info("peer gone: node={}", name);
  }

  private void tellRoutes() {
    routes.accept(peers.values().stream().flatMap(p -> p.podCidrs().stream()).toList());
  }

  /** Tells the routes once more, as when what they are told together with has changed. */
  void routesAgain() {
    synchronized (peers) {
      tellRoutes();
    }
  }

  /** Called with the peers' lock held. */
  private void wish(PeerNode peer) {
    reconciler.put(peer.owner(), () -> NodeCompiler.compile(node, peer));
  }

  private void connect(PeerNode peer) {
    try {
      prime(peer, PATIENCE);
    } finally {
      synchronized (peers) {
        if (peer.equals(peers.get(peer.name()))) {
          wish(peer);
        }
      }
      asked();
    }
  }

  private void asked() {
    synchronized (peers) {
      asking--;
      peers.notifyAll();
    }
  }

  private void prime(PeerNode peer, Duration patience) {
    try {
      turns.acquire();
      try {
        tunnel.prime(peer.nodeAddress(), patience);
      } finally {
        turns.release();
      }
      answered(peer);
    } catch (IOException e) {
      silent(peer, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answered(PeerNode peer) {
    boolean news;
    synchronized (peers) {
      news = silent.remove(peer.name());
    }
    if (news) {
      LOG.info("peer answers again: node={}", peer.name());
    }
  }

  private void silent(PeerNode peer, IOException e) {
    boolean news;
    synchronized (peers) {
      news = peers.containsKey(peer.name()) && silent.add(peer.name());
    }
    if (news) {
      LOG.warn("the tunnel to a peer is not ready: node={}: {}", peer.name(), e.getMessage());
    }
  }

  /**
   * Asks every peer: after the start, and when the switch has been restarted. Returns when each has
   * answered or been given up for now, or when the time is up; later peers are asked as they come.
   */
  void primeAll(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (peers) {
      started = true;
      again(List.copyOf(peers.values()), PATIENCE);
      long left = limit.toMillis();
      while (asking > 0 && left > 0) {
        peers.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    }
  }

  /** Asks those again that did not answer, unless some are still being asked. */
  void primeSilent() {
    synchronized (peers) {
      if (asking == 0) {
        again(
            peers.values().stream().filter(peer -> silent.contains(peer.name())).toList(),
            SHORT_PATIENCE);
      }
    }
  }

  /** Asks all again, so that idle tunnels stay ready. */
  void keepPrimed() {
    synchronized (peers) {
      if (started) {
        again(List.copyOf(peers.values()), PATIENCE);
      }
    }
  }

  /** Called with the peers' lock held. */
  private void again(List<PeerNode> some, Duration patience) {
    asking += some.size();
    for (PeerNode peer : some) {
      workers.execute(() -> {
        try {
          prime(peer, patience);
        } finally {
          asked();
        }
      });
    }
  }

  /** The names of peers whose tunnel is not ready. */
  Set<String> silent() {
    synchronized (peers) {
      return Set.copyOf(silent);
    }
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
