package io.seine.agent.events;

import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.Condition;
import io.seine.agent.kube.ObjectRef;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends conditions to the API server. One thread sends them, one after the other, no faster than
 * the pace; what cannot be sent is tried again, after a longer pause each time, unless there is no
 * such object any more.
 */
public final class ApiConditions implements Conditions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiConditions.class);

  /** Where they go. */
  @FunctionalInterface
  public interface Target {
    void apply(ObjectRef object, Condition condition) throws ApiException, InterruptedException;
  }

  /**
   * How long is waited.
   *
   * @param pace between two that are sent
   * @param least after a failure, doubled with each further one
   * @param most after however many
   */
  public record Pauses(Duration pace, Duration least, Duration most) {
    public static final Pauses DEFAULT =
        new Pauses(Duration.ofMillis(50), Duration.ofSeconds(1), Duration.ofMinutes(1));
  }

  private record Wish(ObjectRef object, Condition condition) {}

  private final Target target;
  private final Pauses pauses;
  private final Map<ObjectRef, Condition> wishes = new LinkedHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicLong written = new AtomicLong();
  private final Thread thread = Thread.ofVirtual().name("conditions").unstarted(this::run);

  private ApiConditions(Target target, Pauses pauses) {
    this.target = target;
    this.pauses = pauses;
  }

  public static ApiConditions start(Target target, Pauses pauses) {
    ApiConditions conditions = new ApiConditions(target, pauses);
    conditions.thread.start();
    return conditions;
  }

  @Override
  public void write(ObjectRef object, Condition condition) {
    synchronized (wishes) {
      wishes.put(object, condition);
      wishes.notifyAll();
    }
  }

  @Override
  public void forget(ObjectRef object) {
    synchronized (wishes) {
      wishes.remove(object);
    }
  }

  /** How many have been written. */
  public long written() {
    return written.get();
  }

  private void run() {
    Duration pause = pauses.least();
    try {
      while (closed.getCount() > 0) {
        Wish wish = take();
        try {
          target.apply(wish.object(), wish.condition());
          written.incrementAndGet();
          pause = pauses.least();
          rest(pauses.pace());
        } catch (ApiException e) {
          if (e.refersToNothing()) {
            LOG.debug("there is no such object any more: object=\"{}\"", wish.object());
          } else {
            putBack(wish);
            if (pause.equals(pauses.least())) {
              LOG.warn("a status cannot be written; trying on: {}", e.getMessage());
            }
            rest(pause);
            pause = min(pause.multipliedBy(2), pauses.most());
          }
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("no more conditions are written");
    }
  }

  /** Returns early when this is closed. */
  private void rest(Duration pause) throws InterruptedException {
    boolean _ = closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Wish take() throws InterruptedException {
    synchronized (wishes) {
      while (wishes.isEmpty()) {
        wishes.wait();
      }
      Iterator<Map.Entry<ObjectRef, Condition>> first = wishes.entrySet().iterator();
      Map.Entry<ObjectRef, Condition> entry = first.next();
      Wish wish = new Wish(entry.getKey(), entry.getValue());
      first.remove();
      return wish;
    }
  }

  /** Behind the others, which may have more luck; unless there is a newer wish. */
  private void putBack(Wish wish) {
    synchronized (wishes) {
      wishes.putIfAbsent(wish.object(), wish.condition());
    }
  }

  /** Drops what has not been sent yet. */
  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
  }
}
