package io.seine.ovsdb;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.util.concurrent.ListenableFuture;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.string.StringEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.opendaylight.ovsdb.lib.OvsdbConnectionInfo;
import org.opendaylight.ovsdb.lib.impl.OvsdbClientImpl;
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcDecoder;
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcEndpoint;

/**
 * The library as it comes: its own decoder, endpoint, client and time limit. Shows what our client
 * is there for.
 */
final class StockClient implements AutoCloseable {
  /** The library's own limit on every call. */
  static final Duration STOCK_LIMIT = Duration.ofSeconds(1);

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel channel;
  final JsonRpcEndpoint endpoint;
  final OvsdbClientImpl client;

  StockClient(Path socket) {
    this(socket, STOCK_LIMIT);
  }

  StockClient(Path socket, Duration limit) {
    // Static in the library, so our client's value is put back in close().
    JsonRpcEndpoint.setReaperInterval((int) limit.toMillis());
    channel =
        new Bootstrap()
            .group(loop)
            .channel(NioDomainSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline()
                        .addLast(new JsonRpcDecoder(100_000))
                        .addLast(new StringEncoder(StandardCharsets.UTF_8));
                  }
                })
            .connect(UnixDomainSocketAddress.of(socket))
            .syncUninterruptibly()
            .channel();
    endpoint = new JsonRpcEndpoint(channel);
    channel.pipeline().addLast(endpoint);
    client =
        new OvsdbClientImpl(
            endpoint,
            channel,
            OvsdbConnectionInfo.ConnectionType.ACTIVE,
            OvsdbConnectionInfo.SocketConnectionType.NON_SSL);
  }

  /** A select of the root row's external_ids, the raw call. */
  ListenableFuture<List<JsonNode>> transact(List<Operation> operations) throws Exception {
    var schema = client.getSchema(OvsdbClient.DATABASE).get(10, TimeUnit.SECONDS);
    var request = new org.opendaylight.ovsdb.lib.message.TransactBuilder(schema);
    operations.forEach(
        operation -> request.addOperation(LibraryOperations.toLibrary(operation, schema)));
    return endpoint.transact(request);
  }

  Channel channel() {
    return channel;
  }

  @Override
  public void close() {
    JsonRpcEndpoint.setReaperInterval(OvsdbLink.REAPER_MILLIS);
    client.disconnect();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
