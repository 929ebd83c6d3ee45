package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link Sink} in step with all objects of one kind: lists, watches from there on, and
 * lists again when the watch cannot go on. Of an object only its key is remembered, to know what is
 * gone after a second list.
 *
 * <p>One virtual thread lists; between two lists the client's thread delivers what the watch says.
 * Never both at once, so that the sink hears of one change at a time and in order.
 */
final class Reflector<T extends HasMetadata, I> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reflector.class);
  private static final long LEAST_PAUSE_MS = 500;
  private static final long MOST_PAUSE_MS = 15_000;

  /** Between two looks for a kind that the cluster does not have: often at first, then rarely. */
  private static final long LEAST_ABSENCE_MS = 2_000;

  private static final long MOST_ABSENCE_MS = 60_000;

  /** What hears of the objects. Its methods may block, which slows the reading down. */
  interface Sink<I> {
    void put(ObjectKey key, I info);

    void remove(ObjectKey key);

    /** The first list is complete. */
    void synced();
  }

  private final KubernetesClient client;
  private final Lister lister;
  private final Kind<T, I> kind;
  private final Sink<I> sink;
  private final InformerState state;
  private final Set<ObjectKey> known = Collections.synchronizedSet(new HashSet<>());
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  Reflector(KubernetesClient client, Kind<T, I> kind, Sink<I> sink, InformerState state) {
    this.client = client;
    this.lister = new Lister(client);
    this.kind = kind;
    this.sink = sink;
    this.state = state;
    this.thread = Thread.ofVirtual().name("reflector-" + kind.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }

  private void run() {
    long pause = LEAST_PAUSE_MS;
    long absence = LEAST_ABSENCE_MS;
    try {
      while (closed.getCount() > 0) {
        try {
          Optional<String> version = list();
          pause = LEAST_PAUSE_MS;
          if (version.isPresent()) {
            absence = LEAST_ABSENCE_MS;
            watch(version.get());
          } else {
            await(absence);
            absence = Math.min(2 * absence, MOST_ABSENCE_MS);
          }
        } catch (ApiException | KubernetesClientException e) {
          boolean first = state.failed(String.valueOf(e.getMessage()));
          if (first) {
            LOG.warn(
                "the API server cannot be read; trying on: kind={}: {}",
                kind.name(),
                e.getMessage());
          }
          await(pause);
          pause = Math.min(2 * pause, MOST_PAUSE_MS);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("reading ends: kind={}", kind.name());
    }
  }

  /** Returns early when this is closed. */
  private void await(long pause) throws InterruptedException {
    long jitter = ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    boolean _ = closed.await(pause + jitter, TimeUnit.MILLISECONDS);
  }

  /**
   * Returns the version that a watch can go on from; empty if the cluster does not have the kind,
   * which is then known to have no object.
   */
  private Optional<String> list() throws ApiException, InterruptedException {
    Set<ObjectKey> before = Set.copyOf(known);
    Set<ObjectKey> found = before.isEmpty() ? known : new HashSet<>();
    Optional<String> version = Optional.empty();
    try {
      version =
          Optional.of(
              lister.list(
                  kind,
                  (key, info) -> {
                    found.add(key);
                    known.add(key);
                    sink.put(key, info);
                  }));
    } catch (ApiException e) {
      if (!kind.optional() || !e.notFound()) {
        throw e;
      }
      LOG.debug("the cluster does not have it: kind={}: {}", kind.name(), e.getMessage());
    }
    before.stream().filter(key -> !found.contains(key)).forEach(this::gone);
    if (state.listed(found.size())) {
      LOG.info("the API server was read: kind={} objects={}", kind.name(), found.size());
      sink.synced();
    } else if (version.isPresent()) {
      LOG.info("the API server was read again: kind={} objects={}", kind.name(), found.size());
    }
    return version;
  }

  private void gone(ObjectKey key) {
    if (known.remove(key)) {
      sink.remove(key);
    }
  }

  /** Returns when the objects must be listed again. */
  private void watch(String version) throws ApiException, InterruptedException {
    Events events = new Events();
    ListOptions options =
        new ListOptionsBuilder().withResourceVersion(version).withAllowWatchBookmarks(true).build();
    Watch watch = kind.watch().apply(client).watch(options, events);
    try {
      String reason = events.end.get();
      LOG.debug("the watch ended: kind={} reason={}", kind.name(), reason);
    } catch (ExecutionException e) {
      throw new ApiException("the watch of " + kind.name() + " broke: " + e.getCause(), e);
    } finally {
      events.stop();
      watch.close();
    }
  }

  private final class Events implements Watcher<T> {
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private boolean stopped;

    /** After this returns, the sink hears no more of this watch. */
    synchronized void stop() {
      stopped = true;
    }

    @Override
    public boolean reconnecting() {
      return true;
    }

    @Override
    public synchronized void eventReceived(Action action, T object) {
      if (stopped || action == Action.BOOKMARK || object.getMetadata() == null) {
        return;
      }
      ObjectKey key = Kind.key(object);
      switch (action) {
        case ADDED, MODIFIED ->
            kind.reduce()
                .apply(object)
                .ifPresentOrElse(
                    info -> {
                      known.add(key);
                      sink.put(key, info);
                    },
                    () -> gone(key));
        case DELETED -> gone(key);
        case ERROR, BOOKMARK -> LOG.debug("ignored: kind={} action={}", kind.name(), action);
      }
      state.changed(known.size());
    }

    @Override
    public void onClose() {
      end.complete("closed");
    }

    @Override
    public void onClose(WatcherException cause) {
      if (cause.isHttpGone()) {
        end.complete("the resource version is gone");
      } else {
        end.completeExceptionally(cause);
      }
    }
  }
}
