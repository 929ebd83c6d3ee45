package io.seine.agent;

import io.seine.agent.facts.Peers;
import io.seine.agent.host.TunnelNeighbours;
import io.seine.openflow.Ipv4Prefix;
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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects this node with its peers: the host's routes, the tunnel's readiness, and then the flows,
 * so that the first packet that the flows let through is not lost. A peer that does not answer gets
 * its flows all the same, and is asked again.
 *
 * <p>Safe for any thread. A few peers are asked at once; what is asked of one peer ends with the
 * newest facts about it.
 */
final class PeerConnector implements Peers, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerConnector.class);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int AT_ONCE = 8;

  private final LocalNode node;
  private final Reconciler reconciler;
  private final TunnelNeighbours tunnel;
  private final Consumer<List<Ipv4Prefix>> routes;
  private final Semaphore turns = new Semaphore(AT_ONCE);
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, PeerNode> peers = new HashMap<>();
  private final Set<String> silent = new HashSet<>();
  private int connecting;

  /**
   * @param routes told the pod networks of all peers whenever they change; must not block
   */
  PeerConnector(
      LocalNode node,
      Reconciler reconciler,
      TunnelNeighbours tunnel,
      Consumer<List<Ipv4Prefix>> routes) {
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
      connecting++;
      tellRoutes();
    }
    LOG.info("peer: node={} address={} pods={}", peer.name(), peer.nodeAddress(), peer.podCidr());
    workers.execute(() -> connect(peer));
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
    routes.accept(peers.values().stream().map(PeerNode::podCidr).toList());
  }

  /** Tells the routes once more, as when what they are told together with has changed. */
  void routesAgain() {
    synchronized (peers) {
      tellRoutes();
    }
  }

  private void connect(PeerNode peer) {
    try {
      prime(peer);
    } finally {
      synchronized (peers) {
        if (peer.equals(peers.get(peer.name()))) {
          reconciler.put(peer.owner(), () -> NodeCompiler.compile(node, peer));
        }
        connecting--;
        peers.notifyAll();
      }
    }
  }

  private void prime(PeerNode peer) {
    try {
      turns.acquire();
      try {
        tunnel.prime(peer.nodeAddress(), PATIENCE);
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

  /** Makes the tunnels ready anew: to all peers, or to those only that did not answer. */
  void primeAgain(boolean all) {
    List<PeerNode> again;
    synchronized (peers) {
      again = peers.values().stream().filter(p -> all || silent.contains(p.name())).toList();
    }
    again.forEach(peer -> workers.execute(() -> prime(peer)));
  }

  /** Waits until every peer put so far has its flows wished for. */
  void awaitConnected() throws InterruptedException {
    synchronized (peers) {
      while (connecting > 0) {
        peers.wait();
      }
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
