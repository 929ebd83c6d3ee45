package io.seine.sandbox;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.seine.sandbox.control.Conflicts;
import io.seine.sandbox.control.Pods;
import java.time.Duration;
import java.util.List;

/**
 * What someone other than the writer of a manifest does to objects: a load balancer's controller, a
 * failing probe, an eviction.
 */
public final class Edits {
  private Edits() {}

  /**
   * Gives a Service its load balancer addresses, in place of those it had.
   *
   * @param ipMode VIP or Proxy
   * @throws SandboxException if there is no such Service
   */
  public static void setLoadBalancer(
      KubernetesClient client,
      String namespace,
      String name,
      List<String> addresses,
      String ipMode) {
    List<LoadBalancerIngress> ingress =
        addresses.stream()
            .map(address ->
                new LoadBalancerIngressBuilder().withIp(address).withIpMode(ipMode).build())
            .toList();
    setLoadBalancer(client, namespace, name, ingress);
  }

  static void setLoadBalancer(
      KubernetesClient client, String namespace, String name, List<LoadBalancerIngress> ingress) {
    var resource = client.services().inNamespace(namespace).withName(name);
    Service present = resource.get();
    if (present == null) {
      throw new SandboxException("no service " + namespace + "/" + name);
    }
    var _ =
        Conflicts.retry(() ->
            resource.editStatus(service ->
                service
                    .edit()
                    .editOrNewStatus()
                    .withNewLoadBalancer()
                    .withIngress(ingress)
                    .endLoadBalancer()
                    .endStatus()
                    .build()));
  }

  /** Sets the Pod's Ready condition, as a readiness probe that changed its mind does. */
  public static void setReady(
      KubernetesClient client, String namespace, String name, boolean ready) {
    var resource = pod(client, namespace, name);
    var _ =
        Conflicts.retry(() ->
            resource.editStatus(pod ->
                pod.edit()
                    .editStatus()
                    .withConditions(
                        pod.getStatus().getConditions().stream()
                            .map(condition -> withReady(condition, ready))
                            .toList())
                    .endStatus()
                    .build()));
  }

  /**
   * Deletes a Pod that goes on serving until its grace period is over.
   *
   * @param grace from now
   */
  public static void terminate(
      KubernetesClient client, String namespace, String name, Duration grace) {
    var resource = pod(client, namespace, name);
    var _ =
        Conflicts.retry(() ->
            resource.edit(pod ->
                pod.edit()
                    .editMetadata()
                    .addToAnnotations(Pods.GRACE_MILLIS, Long.toString(grace.toMillis()))
                    .addToFinalizers(Pods.GRACE)
                    .endMetadata()
                    .build()));
    resource.delete();
  }

  /** Ends the grace period of a terminating Pod now. */
  public static void release(KubernetesClient client, String namespace, String name) {
    var resource = pod(client, namespace, name);
    var _ = Conflicts.retry(() -> resource.edit(Pods::withoutGrace));
  }

  private static io.fabric8.kubernetes.client.dsl.PodResource pod(
      KubernetesClient client, String namespace, String name) {
    var resource = client.pods().inNamespace(namespace).withName(name);
    Pod present = resource.get();
    if (present == null || present.getStatus() == null) {
      throw new SandboxException("no pod " + namespace + "/" + name + " that runs");
    }
    return resource;
  }

  private static PodCondition withReady(PodCondition condition, boolean ready) {
    return condition.getType().equals("Ready") || condition.getType().equals("ContainersReady")
        ? condition.edit().withStatus(ready ? "True" : "False").build()
        : condition;
  }
}
