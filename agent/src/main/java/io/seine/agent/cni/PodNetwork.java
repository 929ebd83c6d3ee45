package io.seine.agent.cni;

import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.time.Duration;

/**
 * The flows of this node's pods. Thread safe.
 *
 * <p>Two containers of the same pod name can be there for a moment, when a pod is made anew before
 * the old one is cleared away: the newer one holds the name.
 */
public interface PodNetwork {
  /**
   * Makes the pod reachable, for those whom policies let through; returns when its flows and theirs
   * are in the switch. At no moment is it reachable without them.
   *
   * @param uid of the pod's object; empty if the runtime did not say
   * @throws IOException if they are not in the switch within {@code timeout}, or it refused them,
   *     or it cannot be found out which policies concern the pod; a later attempt may succeed
   */
  void connected(LocalPod pod, String uid, Duration timeout)
      throws IOException, InterruptedException;

  /**
   * Removes the pod's flows. Without effect if another value holds the pod's name by now, or none
   * does. Returns when the switch has confirmed; when there is no switch it returns at once, since
   * the removal is part of the desired state then.
   */
  void disconnected(LocalPod pod) throws IOException, InterruptedException;

  /** Whether the switch has the flows of exactly this pod. */
  boolean isConnected(LocalPod pod) throws IOException;
}
