package io.seine.sandbox.control;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All controllers in one loop: any change in the API makes it look at everything once more.
 * Informers only wake it; it reads with lists, so that it always sees what it has just written. One
 * virtual thread owns the loop.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);
  private static final long RETRY_MILLIS = 200;
  private static final long IDLE_SECONDS = 10;
  private final KubernetesClient client;
  private final Deployments deployments;
  private final Scheduling scheduling;
  private final Services services;
  private final EndpointSlices endpointSlices;
  private final List<SharedIndexInformer<?>> informers;
  private final BlockingQueue<Boolean> wake = new ArrayBlockingQueue<>(1);
  private final Thread loop;
  private volatile boolean closed;

  /**
   * Starts the controllers.
   *
   * @param serviceCidrs where cluster IPs are taken from, one of each family
   */
  public ControlPlane(KubernetesClient client, List<String> serviceCidrs) {
    this.client = client;
    this.deployments = new Deployments(client, new Random());
    this.scheduling = new Scheduling(client);
    this.services = new Services(client, serviceCidrs);
    this.endpointSlices = new EndpointSlices(client);
    this.informers =
        List.of(
            client.namespaces().inform(waking()),
            client.nodes().inform(waking()),
            client.pods().inAnyNamespace().inform(waking()),
            client.services().inAnyNamespace().inform(waking()),
            client.apps().deployments().inAnyNamespace().inform(waking()),
            client.discovery().v1().endpointSlices().inAnyNamespace().inform(waking()));
    this.loop = Thread.ofVirtual().name("control-plane").start(this::run);
  }

  private void run() {
    while (!closed) {
      try {
        var _ = wake.poll(IDLE_SECONDS, TimeUnit.SECONDS);
        reconcile();
      } catch (KubernetesClientException e) {
        if (!closed) {
          LOG.info("a write met a newer object or none; looking again: {}", e.getMessage());
          wakeLater();
        }
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.warn("the controllers failed and will try again", e);
          wakeLater();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void reconcile() {
    List<Deployment> wanted = client.apps().deployments().inAnyNamespace().list().getItems();
    if (removeFromDeletedNamespaces(wanted)) {
      return;
    }
    deployments.reconcile(wanted, pods());
    scheduling.reconcile(client.nodes().list().getItems(), pods());
    services.reconcile(client.services().inAnyNamespace().list().getItems());
    List<Service> current = client.services().inAnyNamespace().list().getItems();
    endpointSlices.reconcile(
        current,
        pods(),
        client.nodes().list().getItems(),
        client.discovery().v1().endpointSlices().inAnyNamespace().list().getItems());
  }

  /**
   * What a deleted namespace held goes with it; true if there was something. The namespaces are
   * read last: else what was made in a new one in between would seem to be in none.
   */
  private boolean removeFromDeletedNamespaces(List<Deployment> all) {
    List<Pod> pods = pods();
    List<Service> services = client.services().inAnyNamespace().list().getItems();
    List<NetworkPolicy> policies =
        client.network().v1().networkPolicies().inAnyNamespace().list().getItems();
    Set<String> names =
        client.namespaces().list().getItems().stream()
            .map((Namespace n) -> n.getMetadata().getName())
            .collect(Collectors.toSet());
    long removed = 0;
    removed += remove(all, names);
    removed += remove(pods, names);
    removed += remove(services, names);
    removed += remove(policies, names);
    return removed > 0;
  }

  private long remove(List<? extends HasMetadata> objects, Set<String> namespaces) {
    List<? extends HasMetadata> orphans =
        objects.stream().filter(o -> !namespaces.contains(o.getMetadata().getNamespace())).toList();
    orphans.forEach(this::delete);
    return orphans.size();
  }

  /** Deletes an object at once; a Pod that is kept for its grace period has had it then. */
  private void delete(HasMetadata object) {
    if (object.getMetadata().getFinalizers().contains(Pods.GRACE)) {
      var _ = client.resource(object).edit(Pods::withoutGrace);
    } else {
      client.resource(object).delete();
    }
  }

  private List<Pod> pods() {
    return client.pods().inAnyNamespace().list().getItems();
  }

  private void wakeLater() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = wake.offer(true);
  }

  private <T> ResourceEventHandler<T> waking() {
    return new ResourceEventHandler<>() {
      @Override
      public void onAdd(T object) {
        var _ = wake.offer(true);
      }

      @Override
      public void onUpdate(T old, T object) {
        var _ = wake.offer(true);
      }

      @Override
      public void onDelete(T object, boolean finalStateUnknown) {
        var _ = wake.offer(true);
      }
    };
  }

  @Override
  public void close() {
    closed = true;
    informers.forEach(SharedIndexInformer::stop);
    loop.interrupt();
  }
}
