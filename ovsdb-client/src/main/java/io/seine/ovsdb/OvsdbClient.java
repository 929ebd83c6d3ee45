package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.ListenableFuture;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.seine.ovsdb.OvsdbException.Reason;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
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
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcEndpoint;
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
  private static final int MAX_FRAME_BYTES = 256 * 1024 * 1024;

  /**
   * What is monitored. Left out on purpose: statistics and status, which change every few seconds.
   */
  private static final Map<String, Set<String>> MONITORED =
      Map.of(
          "Open_vSwitch",
              Set.of("bridges", "other_config", "external_ids", "ovs_version", "datapath_types"),
          "Bridge",
              Set.of(
                  "name",
                  "datapath_type",
                  "fail_mode",
                  "protocols",
                  "ports",
                  "external_ids",
                  "other_config",
                  "datapath_id"),
          "Port", Set.of("name", "interfaces", "external_ids"),
          "Interface",
              Set.of(
                  "name",
                  "type",
                  "options",
                  "ofport",
                  "ofport_request",
                  "mac",
                  "mac_in_use",
                  "mtu",
                  "mtu_request",
                  "link_state",
                  "error",
                  "external_ids"));

  /**
   * The library cancels every call after this time, which is static there and 1 s unless told
   * otherwise. Ours end earlier, each by its own deadline.
   */
  static final int REAPER_MILLIS = Math.toIntExact(MAX_TIMEOUT.plusSeconds(1).toMillis());

  static {
    JsonRpcEndpoint.setReaperInterval(REAPER_MILLIS);
  }

  private final Path socket;
  private final EventLoopGroup loop;
  private final Channel channel;
  private final TrackedRpc rpc;
  private final OvsdbClientImpl library;
  private final TypedDatabaseSchema schema;
  private final CompletableFuture<String> ended;
  private final AtomicBoolean closing = new AtomicBoolean();

  private OvsdbClient(
      Path socket,
      EventLoopGroup loop,
      Link link,
      OvsdbClientImpl library,
      TypedDatabaseSchema schema) {
    this.socket = socket;
    this.loop = loop;
    this.channel = link.channel;
    this.rpc = link.rpc;
    this.ended = link.ended;
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
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("seine-ovsdb", true), NioIoHandler.newFactory());
    OvsdbClientImpl library = null;
    try {
      Link link = open(socket, loop, timeout);
      // "Passive" decides only how the library names its threads; for "active" it makes a format
      // string of the socket's path.
      library =
          new OvsdbClientImpl(
              link.rpc,
              link.channel,
              OvsdbConnectionInfo.ConnectionType.PASSIVE,
              OvsdbConnectionInfo.SocketConnectionType.NON_SSL);
      Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
      TypedDatabaseSchema schema =
          get(socket, "get_schema", link.rpc.track(library.getSchema(DATABASE)), left);
      return new OvsdbClient(socket, loop, link, library, schema);
    } catch (RuntimeException e) {
      if (library != null) {
        library.disconnect();
      }
      shutDown(loop);
      throw e;
    }
  }

  /** The socket this is connected to. */
  public Path socket() {
    return socket;
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
    List<JsonNode> reply = get(socket, what, rpc.transact(request), checked(timeout));
    return TransactionReply.read(operations, reply);
  }

  /**
   * Asks whether the server answers.
   *
   * @throws OvsdbException when it does not within the timeout
   */
  public void echo(Duration timeout) {
    get(socket, "echo", rpc.echo(), checked(timeout));
  }

  /** Completes, with the reason in words, when the connection has ended for whatever cause. */
  CompletableFuture<String> ended() {
    return ended;
  }

  /** How many calls wait for an answer. */
  int pendingCalls() {
    return rpc.pending();
  }

  /** Fills the cache and keeps it up to date from here on. */
  void monitor(OvsdbCache cache, Duration timeout) {
    MonitorFeed feed = new MonitorFeed(cache);
    List<MonitorRequest> requests = new ArrayList<>();
    MONITORED.forEach((table, columns) -> requests.add(new MonitorRequest(table, columns)));
    MonitorHandle handle = new MonitorHandle(UUID.randomUUID().toString());
    int seconds = Math.toIntExact(checked(timeout).plusMillis(999).toSeconds());
    TableUpdates initial =
        library.<GenericTableSchema>monitor(schema, requests, handle, feed, seconds);
    if (initial == null) {
      // The library logs the cause and returns null for a refusal, a timeout and a lost connection
      // alike.
      String cause =
          ended.isDone() ? ended.join() : "no answer within " + seconds + " s, or refused";
      throw new OvsdbException(
          ended.isDone() ? Reason.DISCONNECTED : Reason.TIMEOUT,
          "cannot monitor the database at " + socket + ": " + cause);
    }
    feed.start(initial);
  }

  /** Ends the connection and its threads; calls under way fail. May be called again. */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      end(rpc, ended, socket, "closed by this side");
      channel.close().awaitUninterruptibly();
      library.disconnect();
      shutDown(loop);
    }
  }

  @Override
  public String toString() {
    return "OVSDB at " + socket;
  }

  /** A connected channel and what belongs to it. */
  private record Link(Channel channel, TrackedRpc rpc, CompletableFuture<String> ended) {}

  private static Link open(Path socket, EventLoopGroup loop, Duration timeout) {
    CompletableFuture<String> ended = new CompletableFuture<>();
    CompletableFuture<TrackedRpc> made = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(NioDomainSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(timeout.toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    JsonRpcEndpoint endpoint = new JsonRpcEndpoint(channel);
                    TrackedRpc rpc = new TrackedRpc(endpoint);
                    made.complete(rpc);
                    channel
                        .pipeline()
                        .addLast(new JsonFrameDecoder(MAX_FRAME_BYTES))
                        .addLast(new StringEncoder(StandardCharsets.UTF_8))
                        .addLast(new RpcErrorRows())
                        .addLast(endpoint)
                        .addLast(new EndWatch(rpc, ended, socket));
                  }
                });
    ChannelFuture connecting =
        bootstrap.connect(UnixDomainSocketAddress.of(socket)).awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      throw new OvsdbException(
          Reason.DISCONNECTED,
          "cannot connect to OVSDB at "
              + socket
              + ": "
              + connecting.cause().getMessage()
              + "; is ovsdb-server running?",
          connecting.cause());
    }
    return new Link(connecting.channel(), made.join(), ended);
  }

  /**
   * Sees the end of the channel and any failure of the handlers before it; a connection on which
   * one message was lost is not kept.
   */
  private static final class EndWatch extends ChannelInboundHandlerAdapter {
    private final TrackedRpc rpc;
    private final CompletableFuture<String> ended;
    private final Path socket;

    EndWatch(TrackedRpc rpc, CompletableFuture<String> ended, Path socket) {
      this.rpc = rpc;
      this.ended = ended;
      this.socket = socket;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end(rpc, ended, socket, "ovsdb-server closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end(rpc, ended, socket, cause.toString());
      var _ = context.close();
    }
  }

  private static void end(
      TrackedRpc rpc, CompletableFuture<String> ended, Path socket, String why) {
    rpc.failAll(
        new OvsdbException(
            Reason.DISCONNECTED, "the connection to OVSDB at " + socket + " ended: " + why));
    ended.complete(why);
  }

  private static void shutDown(EventLoopGroup loop) {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
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
