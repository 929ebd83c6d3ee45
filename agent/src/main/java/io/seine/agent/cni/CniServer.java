package io.seine.agent.cni;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Serves a {@link CniService} on a Unix socket. The directory is for its owner only, so that no pod
 * and no other user can reach the socket, whatever happens between binding it and setting its mode.
 * Each request runs on a virtual thread of its own.
 */
public final class CniServer implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_ONLY_FILE =
      PosixFilePermissions.fromString("rw-------");
  private static final int LARGEST_REQUEST = 4 * 1024 * 1024;

  private final Path socket;
  private final Server server;
  private final EventLoopGroup loops;
  private final ExecutorService workers;

  private CniServer(Path socket, Server server, EventLoopGroup loops, ExecutorService workers) {
    this.socket = socket;
    this.server = server;
    this.loops = loops;
    this.workers = workers;
  }

  /**
   * Binds the socket, in place of one that an earlier run left.
   *
   * @param longest the deadline of requests that bring none
   * @throws IOException if the directory cannot be made or the socket not bound
   */
  public static CniServer start(Path socket, CniService handler, Duration longest)
      throws IOException {
    Path directory = Optional.ofNullable(socket.toAbsolutePath().getParent()).orElseThrow();
    Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY_DIRECTORY));
    Files.setPosixFilePermissions(directory, OWNER_ONLY_DIRECTORY);
    Files.deleteIfExists(socket);
    ExecutorService workers =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("cni-", 0).factory());
    EventLoopGroup loops = new EpollEventLoopGroup(1);
    Server server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .executor(workers)
            .maxInboundMessageSize(LARGEST_REQUEST)
            .addService(new Service(handler, longest))
            .build();
    CniServer started = new CniServer(socket, server, loops, workers);
    try {
      server.start();
      Files.setPosixFilePermissions(socket, OWNER_ONLY_FILE);
      return started;
    } catch (IOException e) {
      started.close();
      throw e;
    }
  }

  /** Takes no more requests, lets those at work end for up to five seconds, removes the socket. */
  @Override
  public void close() throws IOException {
    server.shutdown();
    try {
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    workers.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    Files.deleteIfExists(socket);
  }

  private static final class Service extends CniGrpc.CniImplBase {
    private final CniService handler;
    private final Duration longest;

    Service(CniService handler, Duration longest) {
      this.handler = handler;
      this.longest = longest;
    }

    @Override
    public void invoke(InvokeRequest request, StreamObserver<InvokeReply> observer) {
      Deadline deadline =
          Optional.ofNullable(Context.current().getDeadline())
              .orElseGet(() -> Deadline.after(longest.toNanos(), TimeUnit.NANOSECONDS));
      InvokeReply reply;
      try {
        reply = handler.invoke(request, deadline);
      } catch (StatusRuntimeException e) {
        observer.onError(e);
        return;
      }
      observer.onNext(reply);
      observer.onCompleted();
    }
  }
}
