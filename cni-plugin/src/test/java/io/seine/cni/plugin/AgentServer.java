package io.seine.cni.plugin;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import io.seine.cni.api.v1.CniGrpc;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The agent's side of the contract as the agent has it: grpc-java over Netty on a Unix socket. */
final class AgentServer implements AutoCloseable {
  private final EventLoopGroup group = new EpollEventLoopGroup(2);
  private final Server server;

  AgentServer(Path socket, Function<InvokeRequest, InvokeReply> agent) throws IOException {
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(group)
            .workerEventLoopGroup(group)
            .addService(
                new CniGrpc.CniImplBase() {
                  @Override
                  public void invoke(InvokeRequest request, StreamObserver<InvokeReply> observer) {
                    try {
                      observer.onNext(agent.apply(request));
                      observer.onCompleted();
                    } catch (IllegalStateException e) {
                      observer.onError(
                          Status.UNAVAILABLE.withDescription(e.getMessage()).asRuntimeException());
                    }
                  }
                })
            .build()
            .start();
  }

  @Override
  public void close() {
    server.shutdownNow();
    var _ = group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
