package io.seine.agent;

import io.seine.agent.cni.PodNetwork;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PodCompiler;
import io.seine.reconcile.InstallException;
import io.seine.reconcile.Reconciler;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The flows of this node's pods, by way of the reconciler. Safe for any thread. */
final class PodFlows implements PodNetwork {
  private static final Duration REMOVAL = Duration.ofSeconds(5);

  private final LocalNode node;
  private final Reconciler reconciler;
  private final BooleanSupplier switchConnected;
  private final Map<Owner, LocalPod> pods = new HashMap<>();

  PodFlows(LocalNode node, Reconciler reconciler, BooleanSupplier switchConnected) {
    this.node = node;
    this.reconciler = reconciler;
    this.switchConnected = switchConnected;
  }

  /** Wishes for the pod's flows and does not wait. */
  void adopt(LocalPod pod) {
    synchronized (pods) {
      pods.put(pod.owner(), pod);
      reconciler.put(pod.owner(), () -> PodCompiler.compile(node, pod));
    }
  }

  @Override
  public void connected(LocalPod pod, Duration timeout) throws IOException, InterruptedException {
    adopt(pod);
    try {
      reconciler.awaitInstalled(pod.owner(), timeout);
    } catch (InstallException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public void disconnected(LocalPod pod) throws IOException, InterruptedException {
    synchronized (pods) {
      if (!pods.remove(pod.owner(), pod)) {
        return;
      }
      reconciler.remove(pod.owner());
    }
    if (!switchConnected.getAsBoolean()) {
      return;
    }
    try {
      reconciler.awaitInstalled(pod.owner(), REMOVAL);
    } catch (InstallException e) {
      if (switchConnected.getAsBoolean()) {
        throw new IOException(e.getMessage(), e);
      }
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
      return true;
    } catch (InstallException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking for the flows of " + pod.owner(), e);
    }
  }

  int size() {
    synchronized (pods) {
      return pods.size();
    }
  }
}
