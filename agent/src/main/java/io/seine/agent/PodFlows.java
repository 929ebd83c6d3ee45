package io.seine.agent;

import io.seine.agent.cni.PodNetwork;
import io.seine.agent.facts.LocalPods;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.reconcile.InstallException;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * The flows of this node's pods with those of the policies that concern them, by way of the facts
 * and the reconciler. Safe for any thread.
 */
final class PodFlows implements PodNetwork {
  private static final Duration REMOVAL = Duration.ofSeconds(5);

  private final LocalPods facts;
  private final PodLookup lookup;
  private final Reconciler reconciler;
  private final BooleanSupplier switchConnected;
  private final Map<Owner, LocalPod> pods = new HashMap<>();

  PodFlows(
      LocalPods facts, PodLookup lookup, Reconciler reconciler, BooleanSupplier switchConnected) {
    this.facts = facts;
    this.lookup = lookup;
    this.reconciler = reconciler;
    this.switchConnected = switchConnected;
  }

  /** Takes these for connected, whose flows somebody else wishes for. */
  void adopt(List<LocalPod> adopted) {
    synchronized (pods) {
      adopted.forEach(pod -> pods.put(pod.owner(), pod));
    }
  }

  @Override
  public void connected(LocalPod pod, String uid, Duration timeout)
      throws IOException, InterruptedException {
    Deadline deadline = new Deadline(timeout);
    LocalPods.Early early =
        isRenewed(pod, uid) ? LocalPods.Early.NONE : lookup.find(pod, uid, deadline.left());
    CompletableFuture<Set<Owner>> wished;
    synchronized (pods) {
      pods.put(pod.owner(), pod);
      wished = facts.connect(pod, early);
    }
    await(wished, pod, deadline);
  }

  /** Whether it is only that a pod's port has another number. */
  private boolean isRenewed(LocalPod pod, String uid) {
    synchronized (pods) {
      return uid.isEmpty() && pods.containsKey(pod.owner());
    }
  }

  @Override
  public void disconnected(LocalPod pod) throws IOException, InterruptedException {
    CompletableFuture<Set<Owner>> wished;
    synchronized (pods) {
      if (!pods.remove(pod.owner(), pod)) {
        return;
      }
      wished = facts.disconnect(pod);
    }
    if (!switchConnected.getAsBoolean()) {
      return;
    }
    try {
      await(wished, pod, new Deadline(REMOVAL));
    } catch (IOException e) {
      if (switchConnected.getAsBoolean()) {
        throw e;
      }
    }
  }

  /** Waits until all of it has been wished for, and then until it is in the switch. */
  private void await(CompletableFuture<Set<Owner>> wished, LocalPod pod, Deadline deadline)
      throws IOException, InterruptedException {
    try {
      Set<Owner> owners = wished.get(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
      reconciler.awaitInstalled(owners, deadline.left());
    } catch (InstallException e) {
      throw new IOException(e.getMessage(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "the policies for %s are not all known yet: see what /readyz waits for"
              .formatted(pod.owner()),
          e);
    } catch (ExecutionException e) {
      throw new IOException(
          "the policies for %s cannot be found: %s; see the agent's log"
              .formatted(pod.owner(), e.getCause()),
          e);
    }
  }

  @Override
  public boolean isConnected(LocalPod pod) throws IOException {
    synchronized (pods) {
      if (!pod.equals(pods.get(pod.owner()))) {
        return false;
      }
    }
    try {
      reconciler.awaitInstalled(pod.owner(), Duration.ZERO);
      reconciler.awaitInstalled(new Owner.PolicyPod(pod.namespace(), pod.name()), Duration.ZERO);
      return true;
    } catch (InstallException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking for the flows of " + pod.owner(), e);
    }
  }

  /** The pods that are connected. */
  List<LocalPod> all() {
    synchronized (pods) {
      return List.copyOf(pods.values());
    }
  }

  int size() {
    synchronized (pods) {
      return pods.size();
    }
  }

  private static final class Deadline {
    private final long at;

    Deadline(Duration from) {
      this.at = System.nanoTime() + from.toNanos();
    }

    Duration left() {
      return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
    }
  }
}
