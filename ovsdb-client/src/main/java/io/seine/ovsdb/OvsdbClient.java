package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.ListenableFuture;
import io.seine.ovsdb.OvsdbException.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.opendaylight.ovsdb.lib.MonitorHandle;
import org.opendaylight.ovsdb.lib.OvsdbConnectionInfo;
import org.opendaylight.ovsdb.lib.impl.OvsdbClientImpl;
import org.opendaylight.ovsdb.lib.message.MonitorRequest;
import org.opendaylight.ovsdb.lib.message.TableUpdates;
import org.opendaylight.ovsdb.lib.message.TransactBuilder;
import org.opendaylight.ovsdb.lib.schema.GenericTableSchema;
import org.opendaylight.ovsdb.lib.schema.typed.TypedDatabaseSchema;

/**
 * One connection to ovsdb-server over its Unix socket. It does not reconnect: {@link OvsdbSession}
 * does.
 *
 * <p>Threads: any may call; answers are read on one event-loop thread, which {@link #close} ends.
 * Invariants: no call outlives its deadline or the connection; once ended, a connection stays
 * ended.
 */
public final class OvsdbClient implements Transactor, AutoCloseable {
  /**
   * The longest deadline of a call. The library keeps each request this long, answered or not, so
   * it is not made longer than needed.
   */
  public static final Duration MAX_TIMEOUT = Duration.ofSeconds(60);

  static final String DATABASE = "Open_vSwitch";

  /**
   * What is monitored. Left out on purpose: statistics and status, which change every few seconds.
   */
  private static final Map<String, String> MONITORED =
      Map.of(
          "Open_vSwitch",
          "bridges other_config external_ids ovs_version datapath_types",
          "Bridge",
          "name datapath_type fail_mode protocols ports external_ids other_config datapath_id",
          "Port",
          "name interfaces external_ids",
          "Interface",
          "name type options ofport ofport_request mac mac_in_use mtu mtu_request link_state error external_ids");

  private final OvsdbLink link;
  private final OvsdbClientImpl library;
  private final TypedDatabaseSchema schema;
  private final AtomicBoolean closing = new AtomicBoolean();

  private OvsdbClient(OvsdbLink link, OvsdbClientImpl library, TypedDatabaseSchema schema) {
    this.link = link;
    this.library = library;
    this.schema = schema;
  }

  /**
   * Connects and reads the schema.
   *
   * @param timeout for the whole, at most {@link #MAX_TIMEOUT}
   * @throws OvsdbException when nothing listens there or the peer does not answer as ovsdb-server
   *     does
   */
  public static OvsdbClient connect(Path socket, Duration timeout) {
    long deadline = System.nanoTime() + checked(timeout).toNanos();
    OvsdbLink link = OvsdbLink.open(socket, timeout);
    // "Passive" decides only how the library names its threads; for "active" it makes a format
    // string of the socket's path.
    OvsdbClientImpl library =
        new OvsdbClientImpl(
            link.rpc(),
            link.channel(),
            OvsdbConnectionInfo.ConnectionType.PASSIVE,
            OvsdbConnectionInfo.SocketConnectionType.NON_SSL);
    try {
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      TypedDatabaseSchema schema =
          get(socket, "get_schema", link.rpc().track(library.getSchema(DATABASE)), left);
      return new OvsdbClient(link, library, schema);
    } catch (RuntimeException e) {
      library.disconnect();
      link.close();
      throw e;
    }
  }

  /** The socket this is connected to. */
  public Path socket() {
    return link.socket();
  }

  /** Starts a transaction. */
  public Transaction transaction() {
    return new Transaction(this);
  }

  @Override
  public TransactionResult commit(List<Operation> operations, Duration timeout) {
    TransactBuilder request = new TransactBuilder(schema);
    operations.forEach(
        operation -> request.addOperation(LibraryOperations.toLibrary(operation, schema)));
    String what =
        "transaction ("
            + String.join(", ", operations.stream().map(Operation::describe).toList())
            + ")";
    List<JsonNode> reply = get(socket(), what, link.rpc().transact(request), checked(timeout));
    return TransactionReply.read(operations, reply);
  }

  /**
   * Asks whether the server answers.
   *
   * @throws OvsdbException when it does not within the timeout
   */
  public void echo(Duration timeout) {
    get(socket(), "echo", link.rpc().echo(), checked(timeout));
  }

  /** Completes, with the reason in words, when the connection has ended for whatever cause. */
  CompletableFuture<String> ended() {
    return link.ended();
  }

  /** How many calls wait for an answer. */
  int pendingCalls() {
    return link.rpc().pending();
  }

  /** Fills the cache and keeps it up to date from here on. */
  void monitor(OvsdbCache cache, Duration timeout) {
    MonitorFeed feed = new MonitorFeed(cache);
    List<MonitorRequest> requests = new ArrayList<>();
    MONITORED.forEach(
        (table, columns) -> requests.add(new MonitorRequest(table, Set.of(columns.split(" ")))));
    MonitorHandle handle = new MonitorHandle(UUID.randomUUID().toString());
    int seconds = Math.toIntExact(checked(timeout).plusMillis(999).toSeconds());
    TableUpdates initial =
        library.<GenericTableSchema>monitor(schema, requests, handle, feed, seconds);
    if (initial == null) {
      // The library logs the cause and returns null for a refusal, a timeout and a lost connection
      // alike.
      throw link.rpc()
          .monitorFailure()
          .orElseGet(() ->
              new OvsdbException(
                  Reason.TIMEOUT,
                  "OVSDB at " + socket() + " did not answer within " + seconds + " s: monitor"));
    }
    feed.start(initial);
  }

  /** Ends the connection and its threads; calls under way fail. May be called again. */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      link.endCalls();
      library.disconnect();
      link.close();
    }
  }

  @Override
  public String toString() {
    return "OVSDB at " + socket();
  }

  private static Duration checked(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "an OVSDB deadline is more than 0 and at most " + MAX_TIMEOUT + ", not " + timeout);
    }
    return timeout;
  }

  private static <T> T get(Path socket, String what, ListenableFuture<T> call, Duration timeout) {
    try {
      return call.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      call.cancel(false);
      throw new OvsdbException(
          Reason.TIMEOUT,
          "OVSDB at " + socket + " did not answer within " + timeout.toMillis() + " ms: " + what,
          e);
    } catch (InterruptedException e) {
      call.cancel(false);
      Thread.currentThread().interrupt();
      throw new OvsdbException(
          Reason.TIMEOUT, "interrupted while OVSDB at " + socket + " had not answered: " + what, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OvsdbException cause) {
        // A new exception, so that the stack is the caller's; the cause is shared by all calls that
        // failed together.
        throw new OvsdbException(cause.reason(), what + ": " + cause.getMessage(), cause);
      }
      throw new OvsdbException(
          Reason.REFUSED,
          "OVSDB at " + socket + ": " + what + " failed: " + e.getCause(),
          e.getCause());
    }
  }
}
