package io.seine.agent.facts;

import io.seine.agent.kube.ObjectKey;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.Owner;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Hands the pods of this node's ports to the fact loop's thread. */
record PostedPods(Inbox inbox, PolicyFacts policies) implements LocalPods {
  @Override
  public boolean knows(LocalPod pod, String uid) {
    return policies.book().knows(new ObjectKey(pod.namespace(), pod.name()), uid);
  }

  @Override
  public boolean knowsNamespace(LocalPod pod) {
    return policies.book().knowsNamespace(pod.namespace());
  }

  @Override
  public CompletableFuture<Set<Owner>> connect(LocalPod pod, Early early) {
    CompletableFuture<Set<Owner>> wished = new CompletableFuture<>();
    inbox.post(() -> policies.connect(pod, early, wished));
    return wished;
  }

  @Override
  public CompletableFuture<Set<Owner>> disconnect(LocalPod pod) {
    CompletableFuture<Set<Owner>> wished = new CompletableFuture<>();
    inbox.post(() -> policies.disconnect(pod, wished));
    return wished;
  }
}
