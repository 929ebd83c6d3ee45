package io.seine.sandbox.kubelet;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.node.Layout;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kubelets of all nodes: every Pod that is bound to one of them is connected, and disconnected
 * when it leaves the API. At most 20 runs of the container runtime at a time.
 */
public final class Kubelet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kubelet.class);
  private static final int PARALLEL = 20;
  private static final Duration END = Duration.ofSeconds(20);
  private final Map<String, KubeletNode> nodes = new ConcurrentHashMap<>();
  private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
  private final Semaphore runtime = new Semaphore(PARALLEL);
  private final Layout layout;
  private final PodReporter reporter;
  private final SharedIndexInformer<Pod> informer;

  public Kubelet(KubernetesClient client, List<KubeletNode> nodes, Layout layout) {
    nodes.forEach(node -> this.nodes.put(node.name(), node));
    this.layout = layout;
    this.reporter = new PodReporter(client, Clock.systemUTC());
    this.informer = client.pods().inAnyNamespace().inform(new Handler());
  }

  /** The pods that are connected or being connected or disconnected now. */
  public int size() {
    return workers.size();
  }

  private void see(Pod pod) {
    String uid = pod.getMetadata().getUid();
    KubeletNode node = Pods.node(pod).map(nodes::get).orElse(null);
    if (node == null) {
      return;
    }
    if (Pods.isTerminating(pod)) {
      terminate(pod);
      return;
    }
    workers.computeIfAbsent(
        uid,
        k -> {
          PodWorker worker =
              new PodWorker(pod, node, layout, reporter, runtime, () -> workers.remove(uid));
          worker.start();
          return worker;
        });
  }

  /** Ends a Pod that is being deleted, at once or when its grace period is over. */
  private void terminate(Pod pod) {
    PodWorker worker = workers.get(pod.getMetadata().getUid());
    Optional<Duration> grace = Pods.grace(pod);
    if (worker == null && grace.isPresent()) {
      reporter.released(pod);
    } else if (worker != null) {
      worker.endAfter(grace);
    }
  }

  private void forget(Pod pod) {
    PodWorker worker = workers.get(pod.getMetadata().getUid());
    if (worker != null) {
      worker.end();
    }
  }

  /** Lets go of every pod, without DEL, and removes the namespaces: for when the nodes go too. */
  @Override
  public void close() {
    informer.stop();
    List<PodWorker> all = new ArrayList<>(workers.values());
    all.forEach(PodWorker::abandon);
    try {
      for (PodWorker worker : all) {
        if (!worker.awaitDone(END)) {
          LOG.warn("a pod was not disconnected within {} s", END.toSeconds());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Handler implements ResourceEventHandler<Pod> {
    @Override
    public void onAdd(Pod pod) {
      see(pod);
    }

    @Override
    public void onUpdate(Pod old, Pod pod) {
      if (!old.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
        forget(old);
      }
      see(pod);
    }

    @Override
    public void onDelete(Pod pod, boolean finalStateUnknown) {
      forget(pod);
    }
  }
}
