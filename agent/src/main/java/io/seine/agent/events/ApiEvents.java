package io.seine.agent.events;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ObjectRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events of the core API (v1). One thread sends them, one after the other, from a bounded queue.
 *
 * <ul>
 *   <li>The same words about the same object are sent once in {@link #QUIET}; the next one after
 *       that says how many there were.
 *   <li>Each is logged as well, whether or not it can be sent.
 *   <li>What does not fit the queue, or is refused by the API server, is counted and dropped.
 * </ul>
 */
public final class ApiEvents implements Events, AutoCloseable {
  /** How long the same event is not sent again. */
  static final Duration QUIET = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(ApiEvents.class);
  private static final int QUEUE = 256;
  private static final int REMEMBERED = 1024;
  private static final int LONGEST_MESSAGE = 1024;

  /** How many were sent, held back as repetitions, and lost. */
  public record Counts(long sent, long repeated, long lost) {}

  private record Said(String type, ObjectRef object, String reason, String message) {}

  private record Sending(Said said, int count, Instant first, Instant last) {}

  private static final class Memory {
    Instant sent;
    Instant first;
    int since;

    Memory(Instant now) {
      this.sent = now;
      this.first = now;
    }
  }

  private final KubernetesClient client;
  private final String node;
  private final InstantSource clock;
  private final BlockingQueue<Sending> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Map<Said, Memory> memory =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Said, Memory> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong repeated = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread = Thread.ofVirtual().name("events").unstarted(this::run);

  private ApiEvents(Api api, String node, InstantSource clock) {
    this.client = api.client();
    this.node = node;
    this.clock = clock;
  }

  /**
   * @param node who says it
   */
  public static ApiEvents start(Api api, String node, InstantSource clock) {
    ApiEvents events = new ApiEvents(api, node, clock);
    events.thread.start();
    return events;
  }

  @Override
  public void normal(ObjectRef object, String reason, String message) {
    say(new Said("Normal", object, reason, message));
  }

  @Override
  public void warning(ObjectRef object, String reason, String message) {
    say(new Said("Warning", object, reason, message));
  }

  public Counts counts() {
    return new Counts(sent.get(), repeated.get(), lost.get());
  }

  private void say(Said said) {
    Instant now = clock.instant();
    Sending sending;
    synchronized (memory) {
      Memory before = memory.get(said);
      if (before != null && before.sent.plus(QUIET).isAfter(now)) {
        before.since++;
        repeated.incrementAndGet();
        return;
      }
      Memory kept = before == null ? new Memory(now) : before;
      sending = new Sending(said, kept.since + 1, kept.first, now);
      kept.sent = now;
      kept.since = 0;
      memory.put(said, kept);
    }
    if (said.type().equals("Warning")) {
      LOG.warn("{}: object=\"{}\" {}", said.reason(), said.object(), said.message());
    } else {
      LOG.info("{}: object=\"{}\" {}", said.reason(), said.object(), said.message());
    }
    if (!queue.offer(sending)) {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        send(queue.take());
      }
    } catch (InterruptedException e) {
      LOG.debug("no more events are sent");
    }
  }

  private void send(Sending sending) {
    Event event = event(sending);
    try {
      client.v1().events().inNamespace(event.getMetadata().getNamespace()).resource(event).create();
      sent.incrementAndGet();
    } catch (KubernetesClientException e) {
      if (lost.getAndIncrement() == 0) {
        LOG.warn("an event could not be sent, nor will all others be logged: {}", e.getMessage());
      }
    }
  }

  private Event event(Sending sending) {
    Said said = sending.said();
    ObjectRef object = said.object();
    // Events about objects without a namespace live in "default", as the kubelet's do.
    String namespace = object.key().namespace().isEmpty() ? "default" : object.key().namespace();
    String message =
        said.message().length() <= LONGEST_MESSAGE
            ? said.message()
            : said.message().substring(0, LONGEST_MESSAGE - 3) + "...";
    return new EventBuilder()
        .withNewMetadata()
        .withGenerateName(object.key().name() + ".")
        .withNamespace(namespace)
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(object.apiVersion())
        .withKind(object.kind())
        .withNamespace(object.key().namespace().isEmpty() ? null : object.key().namespace())
        .withName(object.key().name())
        .withUid(object.uid().isEmpty() ? null : object.uid())
        .endInvolvedObject()
        .withType(said.type())
        .withReason(said.reason())
        .withMessage(message)
        .withCount(sending.count())
        .withFirstTimestamp(text(sending.first()))
        .withLastTimestamp(text(sending.last()))
        .withNewSource("seine-agent", node)
        .withReportingComponent("seine-agent")
        .withReportingInstance(node)
        .build();
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** Drops what has not been sent yet. */
  @Override
  public void close() {
    thread.interrupt();
  }
}
