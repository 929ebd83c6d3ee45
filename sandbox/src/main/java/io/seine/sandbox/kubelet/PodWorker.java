package io.seine.sandbox.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.control.Names;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.process.CommandFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one Pod on its node, on one virtual thread: connect it (again and again, as a kubelet
 * does), report it, wait for its end, disconnect it.
 */
final class PodWorker {
  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
  private static final long RETRY_MILLIS = 1000;
  private final Pod pod;
  private final KubeletNode node;
  private final Layout layout;
  private final PodReporter reporter;
  private final Semaphore runtime;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private final AtomicBoolean terminating = new AtomicBoolean();
  private volatile boolean abandoned;
  private int attempts;

  PodWorker(
      Pod pod,
      KubeletNode node,
      Layout layout,
      PodReporter reporter,
      Semaphore runtime,
      Runnable whenDone) {
    this.pod = pod;
    this.node = node;
    this.layout = layout;
    this.reporter = reporter;
    this.runtime = runtime;
    this.thread =
        Thread.ofVirtual()
            .name("pod-" + pod.getMetadata().getName())
            .unstarted(() -> {
              try {
                live();
              } finally {
                whenDone.run();
              }
            });
  }

  void start() {
    thread.start();
  }

  /** Says that the Pod is gone from the API, or that the kubelet ends. */
  void end() {
    ended.countDown();
  }

  /**
   * Says that the Pod is being deleted: it ends at once, or goes on until its grace period is over
   * and is then let go in the API. Only the first such call counts.
   */
  void endAfter(Optional<Duration> grace) {
    if (!terminating.compareAndSet(false, true)) {
      return;
    }
    if (grace.isEmpty()) {
      end();
      return;
    }
    Thread.ofVirtual()
        .name("grace-" + pod.getMetadata().getName())
        .start(() -> {
          try {
            if (!endsWithin(grace.get().toMillis())) {
              end();
            }
            thread.join();
            if (!abandoned) {
              reporter.released(pod);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Ends without DEL, for when the node goes too. */
  void abandon() {
    abandoned = true;
    ended.countDown();
  }

  /** Waits for the pod to be disconnected; false if it is not in time. */
  boolean awaitDone(Duration limit) throws InterruptedException {
    return thread.join(limit);
  }

  private void live() {
    try {
      if (Pods.onHostNetwork(pod)) {
        serveOnNode();
        return;
      }
      while (!endsWithin(0)) {
        CniRuntime.Attachment attachment = newAttachment();
        try {
          connectAndServe(attachment);
        } catch (CniFailure | CommandFailed e) {
          reporter.failed(
              pod, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + e.getMessage());
          if (endsWithin(RETRY_MILLIS)) {
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A Pod without a network of its own is the node's process: nothing has to be connected. */
  private void serveOnNode() throws InterruptedException {
    try (var _ = respond(node.namespace(), node.addresses())) {
      Files.writeString(podFile(), node.namespace().name());
      reporter.running(pod, node.addresses(), node.addresses());
      ended.await();
    } catch (IOException | UncheckedIOException e) {
      reporter.failed(pod, "Failed", "cannot run on the node: " + e.getMessage());
    }
  }

  private Path podFile() {
    return layout.podFile(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
  }

  private void connectAndServe(CniRuntime.Attachment attachment)
      throws CniFailure, InterruptedException {
    Optional<JsonNode> result = Optional.empty();
    try {
      runtime.acquire();
      try {
        var _ = Namespace.create(attachment.netns().name());
        result = Optional.of(node.cni().add(attachment));
      } finally {
        runtime.release();
      }
      List<String> addresses = addresses(result.get());
      try (var _ = respond(attachment.netns(), List.of("::"))) {
        Files.writeString(podFile(), attachment.netns().name());
        reporter.running(pod, addresses, node.addresses());
        ended.await();
      } catch (IOException e) {
        throw new CniFailure("the sandbox cannot write " + podFile() + ": " + e.getMessage());
      }
    } finally {
      disconnect(attachment, result);
    }
  }

  /**
   * DEL, repeated until it succeeds or the third attempt fails; then the namespace goes in any
   * case.
   */
  private void disconnect(CniRuntime.Attachment attachment, Optional<JsonNode> result)
      throws InterruptedException {
    runtime.acquire();
    try {
      for (int attempt = 1; attempt <= 3 && !abandoned; attempt++) {
        try {
          node.cni().del(attachment, result, attachment.netns().exists());
          break;
        } catch (CniFailure | CommandFailed e) {
          reporter.failed(pod, "FailedKillPod", "error killing pod: " + e.getMessage());
          TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
      }
      if (attachment.netns().exists()) {
        attachment.netns().delete();
      }
    } catch (RuntimeException e) {
      LOG.warn("the namespace of {} was not removed", pod.getMetadata().getName(), e);
    } finally {
      runtime.release();
    }
  }

  private Responder respond(Namespace netns, List<String> addresses) {
    Set<Integer> ports = new TreeSet<>();
    pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> !"SCTP".equals(port.getProtocol()))
        .map(ContainerPort::getContainerPort)
        .forEach(ports::add);
    String name = pod.getMetadata().getName();
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("pod", name);
    identity.put("namespace", pod.getMetadata().getNamespace());
    identity.put("node", node.name());
    return Responder.start(netns, addresses, ports, name, identity);
  }

  private CniRuntime.Attachment newAttachment() {
    String uid = pod.getMetadata().getUid();
    attempts++;
    String id = Names.hash(uid + "/" + attempts, 40) + Names.hash(attempts + "/" + uid, 24);
    return new CniRuntime.Attachment(
        id,
        new Namespace(layout.podNamespacePrefix() + id.substring(0, 10)),
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        uid,
        portMappings());
  }

  private Map<String, Object> portMappings() {
    List<Map<String, Object>> mappings = new ArrayList<>();
    pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> port.getHostPort() != null)
        .forEach(port ->
            mappings.add(
                Map.of(
                    "hostPort", port.getHostPort(),
                    "containerPort", port.getContainerPort(),
                    "protocol",
                        port.getProtocol() == null
                            ? "tcp"
                            : port.getProtocol().toLowerCase(java.util.Locale.ROOT))));
    return mappings.isEmpty() ? Map.of() : Map.of("portMappings", mappings);
  }

  private static List<String> addresses(JsonNode result) throws CniFailure {
    List<String> addresses = new ArrayList<>();
    for (JsonNode ip : result.path("ips")) {
      addresses.add(ip.path("address").asText().split("/", 2)[0]);
    }
    if (addresses.isEmpty()) {
      throw new CniFailure("the CNI result holds no address: " + result);
    }
    return addresses;
  }

  private boolean endsWithin(long millis) throws InterruptedException {
    return ended.await(millis, TimeUnit.MILLISECONDS);
  }
}
