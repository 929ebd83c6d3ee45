package io.seine.ovsdb;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcEndpoint;

/**
 * The channel below a client, with its event loop of one thread: our framing, the library's
 * endpoint, and a watch that ends every call when the channel ends.
 *
 * @param ended completes, with the reason in words, when the channel has ended for whatever cause
 */
record OvsdbLink(
    Path socket,
    EventLoopGroup loop,
    Channel channel,
    TrackedRpc rpc,
    CompletableFuture<String> ended) {
  private static final int MAX_FRAME_BYTES = 256 * 1024 * 1024;

  /**
   * The library cancels every call after this time, which is static there and 1 s unless told
   * otherwise. Ours end earlier, each by its own deadline.
   */
  static final int REAPER_MILLIS =
      Math.toIntExact(OvsdbClient.MAX_TIMEOUT.plusSeconds(1).toMillis());

  static {
    JsonRpcEndpoint.setReaperInterval(REAPER_MILLIS);
  }

  /**
   * Connects.
   *
   * @throws OvsdbException when nothing listens there
   */
  static OvsdbLink open(Path socket, Duration timeout) {
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("seine-ovsdb", true), NioIoHandler.newFactory());
    CompletableFuture<String> ended = new CompletableFuture<>();
    CompletableFuture<TrackedRpc> made = new CompletableFuture<>();
    ChannelFuture connecting =
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
                })
            .connect(UnixDomainSocketAddress.of(socket))
            .awaitUninterruptibly();
    if (!connecting.isSuccess()) {
      shutDown(loop);
      throw new OvsdbException(
          Reason.DISCONNECTED,
          "cannot connect to OVSDB at "
              + socket
              + ": "
              + connecting.cause().getMessage()
              + "; is ovsdb-server running?",
          connecting.cause());
    }
    return new OvsdbLink(socket, loop, connecting.channel(), made.join(), ended);
  }

  /** Fails the calls under way and all later ones, because this side closes. */
  void endCalls() {
    end(rpc, ended, socket, "closed by this side");
  }

  /** Ends the channel and its thread; calls under way fail. */
  void close() {
    endCalls();
    channel.close().awaitUninterruptibly();
    shutDown(loop);
  }

  private static void shutDown(EventLoopGroup loop) {
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static void end(
      TrackedRpc rpc, CompletableFuture<String> ended, Path socket, String why) {
    rpc.failAll(
        new OvsdbException(
            Reason.DISCONNECTED, "the connection to OVSDB at " + socket + " ended: " + why));
    ended.complete(why);
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
}
