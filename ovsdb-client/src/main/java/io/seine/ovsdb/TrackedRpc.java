package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.SettableFuture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.opendaylight.ovsdb.lib.jsonrpc.Params;
import org.opendaylight.ovsdb.lib.message.OvsdbRPC;
import org.opendaylight.ovsdb.lib.message.Response;
import org.opendaylight.ovsdb.lib.message.TransactBuilder;

/**
 * The library's RPC endpoint with a memory of the calls under way, so that they fail at once when
 * the connection ends; the endpoint alone leaves them hanging until its reaper comes.
 *
 * <p>Threads: any. A call made after {@link #failAll} fails with the same cause.
 */
final class TrackedRpc implements OvsdbRPC {
  private final OvsdbRPC endpoint;
  private final AtomicLong calls = new AtomicLong();
  private final Map<Long, SettableFuture<?>> pending = new ConcurrentHashMap<>();
  private volatile @Nullable OvsdbException ended;
  private volatile @Nullable OvsdbException refused;

  TrackedRpc(OvsdbRPC endpoint) {
    this.endpoint = endpoint;
  }

  /** Fails every call under way and every later one. The first cause stays. */
  void failAll(OvsdbException cause) {
    if (ended == null) {
      ended = cause;
    }
    pending.values().forEach(call -> call.setException(cause));
  }

  /** A future that completes as the given one does, or fails when the connection ends. */
  <T> ListenableFuture<T> track(ListenableFuture<T> call) {
    SettableFuture<T> tracked = SettableFuture.create();
    long number = calls.incrementAndGet();
    pending.put(number, tracked);
    tracked.addListener(() -> pending.remove(number), MoreExecutors.directExecutor());
    Futures.addCallback(
        call,
        new FutureCallback<T>() {
          @Override
          public void onSuccess(T result) {
            tracked.set(result);
          }

          @Override
          public void onFailure(Throwable failure) {
            tracked.setException(failure);
          }
        },
        MoreExecutors.directExecutor());
    // Checked after the future was added: failAll either sees it in the map or has set the cause
    // before.
    OvsdbException cause = ended;
    if (cause != null) {
      tracked.setException(cause);
    }
    return tracked;
  }

  /**
   * Why the last monitor call failed, which the library's client keeps to itself; empty when its
   * time was up. Known before the call's future completes.
   */
  Optional<OvsdbException> monitorFailure() {
    OvsdbException failure = refused != null ? refused : ended;
    return Optional.ofNullable(failure)
        .map(f ->
            new OvsdbException(f.reason(), "cannot monitor the database: " + f.getMessage(), f));
  }

  /** How many calls wait for an answer. */
  int pending() {
    return pending.size();
  }

  @Override
  public ListenableFuture<JsonNode> get_schema(List<String> databases) {
    return checked(endpoint.get_schema(databases), "get_schema");
  }

  @Override
  public ListenableFuture<List<String>> echo() {
    return track(endpoint.echo());
  }

  @Override
  public ListenableFuture<JsonNode> monitor(Params parameters) {
    return checked(endpoint.monitor(parameters), "monitor");
  }

  @Override
  public ListenableFuture<List<String>> list_dbs() {
    return track(endpoint.list_dbs());
  }

  @Override
  public ListenableFuture<List<JsonNode>> transact(TransactBuilder operations) {
    return track(endpoint.transact(operations));
  }

  @Override
  public ListenableFuture<Response> cancel(String id) {
    return track(endpoint.cancel(id));
  }

  @Override
  public ListenableFuture<JsonNode> monitor_cancel(Params parameters) {
    return track(endpoint.monitor_cancel(parameters));
  }

  @Override
  public ListenableFuture<Object> lock(List<String> ids) {
    return track(endpoint.lock(ids));
  }

  @Override
  public ListenableFuture<Object> steal(List<String> ids) {
    return track(endpoint.steal(ids));
  }

  @Override
  public ListenableFuture<Object> unlock(List<String> ids) {
    return track(endpoint.unlock(ids));
  }

  @Override
  public boolean registerCallback(Callback callback) {
    return endpoint.registerCallback(callback);
  }

  private ListenableFuture<JsonNode> checked(ListenableFuture<JsonNode> call, String method) {
    return track(
        Futures.transformAsync(
            call,
            result -> {
              Optional<String> error = RpcErrorRows.errorIn(result);
              if (error.isEmpty()) {
                return Futures.immediateFuture(result);
              }
              OvsdbException failure =
                  new OvsdbException(
                      OvsdbException.Reason.REFUSED,
                      "ovsdb-server refused " + method + ": " + error.get());
              refused = failure;
              return Futures.immediateFailedFuture(failure);
            },
            MoreExecutors.directExecutor()));
  }
}
