package io.seine.agent.facts;

import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.PodInfo;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The pods of this node's ports, for whoever connects them. Their flows are wished together with
 * those of the policies that concern them. Any thread may call; methods return at once.
 */
public interface LocalPods {
  /**
   * What the API was asked of a pod because nobody has told of it yet. A pod that the API does not
   * have is as one without labels: policies that are for every pod of its namespace are for it too.
   *
   * @param pod empty if it is known already, or there is none in the API
   * @param namespace likewise
   */
  record Early(Optional<PodInfo> pod, Optional<NamespaceInfo> namespace) {
    public static final Early NONE = new Early(Optional.empty(), Optional.empty());
  }

  /** Whether the runtime said which pod of the API it is; if not, no policy is for it. */
  static boolean isNamed(LocalPod pod) {
    return !pod.namespace().equals("-");
  }

  /**
   * Whether all is known of a pod that its policies are found by.
   *
   * @param uid of its object, so that a namesake is not taken for it; empty if that is not known
   */
  boolean knows(LocalPod pod, String uid);

  /** Whether the pod's namespace is known. */
  boolean knowsNamespace(LocalPod pod);

  /**
   * Wishes for a pod's flows and those of its policies. As long as not all policies are known it is
   * only remembered.
   *
   * @return completed when they have been wished for, with the owners of all that belongs to it; by
   *     an exception if it cannot be found out what these are
   */
  CompletableFuture<Set<Owner>> connect(LocalPod pod, Early early);

  /**
   * Wishes for none of them. Without effect on flows if another pod has the name by now.
   *
   * @return as {@link #connect}
   */
  CompletableFuture<Set<Owner>> disconnect(LocalPod pod);
}
