package io.seine.agent;

import io.seine.agent.facts.LocalPods;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the API for a pod and its namespace that the informers have not told of yet, so that its
 * policies are found before it is reached. Safe for any thread.
 */
final class PodLookup {
  /** The API server, as far as it is needed here; each call blocks. */
  interface Source {
    Optional<PodInfo> pod(ObjectKey key) throws ApiException;

    Optional<NamespaceInfo> namespace(String name) throws ApiException;
  }

  private final Source source;
  private final LocalPods pods;

  PodLookup(Source source, LocalPods pods) {
    this.source = source;
    this.pods = pods;
  }

  static Source of(Api api) {
    return new Source() {
      @Override
      public Optional<PodInfo> pod(ObjectKey key) throws ApiException {
        return api.pod(key);
      }

      @Override
      public Optional<NamespaceInfo> namespace(String name) throws ApiException {
        return api.namespace(name);
      }
    };
  }

  /**
   * What the informers do not say of a pod, and the API does.
   *
   * @param uid as the runtime gave it; may be empty
   * @throws IOException if the API does not say within {@code timeout}
   */
  LocalPods.Early find(LocalPod pod, String uid, Duration timeout)
      throws IOException, InterruptedException {
    if (!LocalPods.isNamed(pod)) {
      return LocalPods.Early.NONE;
    }
    boolean podKnown = pods.knows(pod, uid);
    boolean namespaceKnown = pods.knowsNamespace(pod);
    if (podKnown && namespaceKnown) {
      return LocalPods.Early.NONE;
    }
    ObjectKey key = new ObjectKey(pod.namespace(), pod.name());
    return within(
        timeout,
        key,
        () ->
            new LocalPods.Early(
                podKnown ? Optional.empty() : source.pod(key),
                namespaceKnown ? Optional.empty() : source.namespace(key.namespace())));
  }

  private interface Question {
    LocalPods.Early ask() throws ApiException;
  }

  private static LocalPods.Early within(Duration timeout, ObjectKey pod, Question question)
      throws IOException, InterruptedException {
    CompletableFuture<LocalPods.Early> answer = new CompletableFuture<>();
    Thread asking =
        Thread.startVirtualThread(() -> {
          try {
            answer.complete(question.ask());
          } catch (ApiException | RuntimeException e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      String why = Optional.ofNullable(e.getCause()).map(Throwable::getMessage).orElse("");
      throw refused(pod, why, e);
    } catch (TimeoutException e) {
      throw refused(
          pod, "the API server did not answer within %d ms".formatted(timeout.toMillis()), e);
    } finally {
      asking.interrupt();
    }
  }

  private static IOException refused(ObjectKey pod, String why, Exception cause) {
    return new IOException(
        "which policies concern pod %s is not known, so it is not connected: %s"
            .formatted(pod, why),
        cause);
  }
}
