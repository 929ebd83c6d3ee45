package io.seine.openflow.connection;

import io.seine.openflow.SwitchException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection to one bridge up: connects, tells its listener, and when the connection ends
 * connects again, waiting longer after each failure, up to a bound.
 *
 * <p>One virtual thread does all of this and calls the listener, so its calls never overlap, and
 * {@code connected} and {@code disconnected} alternate.
 */
public final class OpenFlowClient implements AutoCloseable {
  /** Called by the thread of the client; an exception of it is logged and ends the connection. */
  public interface Listener {
    /** A new connection, that knows nothing of earlier ones. */
    void connected(OpenFlowConnection connection);

    /** The connection has ended, for this reason; another is being tried. */
    void disconnected(SwitchException reason);
  }

  private static final Logger LOG = LoggerFactory.getLogger(OpenFlowClient.class);
  private static final Duration SHORTEST_WAIT = Duration.ofMillis(50);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final Path socket;
  private final ConnectionOptions options;
  private final Listener listener;
  private final RandomGenerator random;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicReference<@Nullable OpenFlowConnection> current = new AtomicReference<>();
  private final Thread thread;

  private OpenFlowClient(
      Path socket, ConnectionOptions options, Listener listener, RandomGenerator random) {
    this.socket = socket;
    this.options = options;
    this.listener = listener;
    this.random = random;
    this.thread = Thread.ofVirtual().name("openflow-client").unstarted(this::run);
  }

  /** Starts to connect to {@code socket} and to keep the connection. */
  public static OpenFlowClient start(Path socket, ConnectionOptions options, Listener listener) {
    return start(socket, options, listener, RandomGenerator.getDefault());
  }

  /**
   * @param random spreads the attempts of many clients over time
   */
  public static OpenFlowClient start(
      Path socket, ConnectionOptions options, Listener listener, RandomGenerator random) {
    OpenFlowClient client = new OpenFlowClient(socket, options, listener, random);
    client.thread.start();
    return client;
  }

  /** Ends the connection and the attempts, and waits for the listener to return. */
  @Override
  public void close() {
    closed.countDown();
    OpenFlowConnection connection = current.get();
    if (connection != null) {
      connection.close();
    }
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      int failures = 0;
      while (closed.getCount() > 0) {
        failures = attempt() ? 0 : failures + 1;
        if (closed.await(waitAfter(failures).toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Half to all of twice the last wait. */
  private Duration waitAfter(int failures) {
    long bound =
        Math.min(LONGEST_WAIT.toNanos(), SHORTEST_WAIT.toNanos() << Math.min(failures, 10));
    return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
  }

  /** Returns whether there was a connection. */
  private boolean attempt() throws InterruptedException {
    OpenFlowConnection connection;
    try {
      connection = OpenFlowConnection.connect(socket, options);
    } catch (SwitchException e) {
      LOG.atDebug().addKeyValue("error", e.getMessage()).log("No connection to the switch yet");
      return false;
    }
    current.set(connection);
    try (connection) {
      if (closed.getCount() == 0) {
        return true;
      }
      tell(connection, () -> listener.connected(connection));
      SwitchException reason = connection.awaitDisconnect();
      tell(connection, () -> listener.disconnected(reason));
      return true;
    } finally {
      current.set(null);
    }
  }

  private static void tell(OpenFlowConnection connection, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("switch", connection.name())
          .setCause(e)
          .log("A listener of the OpenFlow client failed; connecting anew");
      connection.close();
    }
  }
}
