package io.seine.cri;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.seine.cri.v1.ContainerConfig;
import io.seine.cri.v1.ContainerMetadata;
import io.seine.cri.v1.CreateContainerRequest;
import io.seine.cri.v1.ExecSyncRequest;
import io.seine.cri.v1.ExecSyncResponse;
import io.seine.cri.v1.ImageSpec;
import io.seine.cri.v1.LinuxPodSandboxConfig;
import io.seine.cri.v1.ListPodSandboxRequest;
import io.seine.cri.v1.PodSandbox;
import io.seine.cri.v1.PodSandboxConfig;
import io.seine.cri.v1.PodSandboxMetadata;
import io.seine.cri.v1.PodSandboxStatusRequest;
import io.seine.cri.v1.RemovePodSandboxRequest;
import io.seine.cri.v1.RunPodSandboxRequest;
import io.seine.cri.v1.RuntimeCondition;
import io.seine.cri.v1.RuntimeServiceGrpc;
import io.seine.cri.v1.StartContainerRequest;
import io.seine.cri.v1.StatusRequest;
import io.seine.cri.v1.StopPodSandboxRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The kubelet's side of the Container Runtime Interface, over the runtime's Unix socket. Each call
 * has a deadline of a minute, less than a kubelet's two; what the runtime refuses comes as the
 * {@link io.grpc.StatusRuntimeException} with its own text.
 */
final class CriClient implements AutoCloseable {

  private final EpollEventLoopGroup loop = new EpollEventLoopGroup(1);
  private final ManagedChannel channel;
  private final String cgroupParent;

  /** A client of the runtime behind {@code socket}, whose pods go below {@code cgroupParent}. */
  CriClient(Path socket, String cgroupParent) {
    this.cgroupParent = cgroupParent;
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  /** Is the condition, such as {@code NetworkReady}, true? */
  RuntimeCondition condition(String type) {
    return runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().equals(type))
        .findFirst()
        .orElseThrow(() -> new AssertionError("the runtime reports no condition " + type));
  }

  /** Starts a pod's sandbox and gives its id. */
  String runPodSandbox(String namespace, String name) {
    return runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config(namespace, name)).build())
        .getPodSandboxId();
  }

  /** The address that the runtime tells the kubelet for the pod; empty when it has none. */
  String address(String sandboxId) {
    return runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandboxId).build())
        .getStatus()
        .getNetwork()
        .getIp();
  }

  /** Stops the pod: the runtime deletes its network with its namespace still there. */
  void stopPodSandbox(String sandboxId) {
    runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build());
  }

  /** Removes the pod: the runtime deletes its network again, now without a namespace. */
  void removePodSandbox(String sandboxId) {
    runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandboxId).build());
  }

  /** The ids of all sandboxes that the runtime knows. */
  List<String> podSandboxes() {
    return runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  /**
   * Starts a container in a sandbox, running a command of the image that stays, and gives its id.
   */
  String startContainer(
      String sandboxId, String namespace, String pod, String image, List<String> command) {
    ContainerConfig container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
            .setImage(ImageSpec.newBuilder().setImage(image))
            .addAllCommand(command)
            .build();
    String id =
        runtime()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(sandboxId)
                    .setConfig(container)
                    .setSandboxConfig(config(namespace, pod))
                    .build())
            .getContainerId();
    runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  /** Runs a command in a container, for at most ten seconds. */
  ExecSyncResponse exec(String containerId, List<String> command) {
    return runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(containerId)
                .addAllCmd(command)
                .setTimeout(10)
                .build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    if (!loop.shutdownGracefully(0, 1, TimeUnit.SECONDS)
        .awaitUninterruptibly(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the client's event loop did not end within 10 s");
    }
  }

  private PodSandboxConfig config(String namespace, String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setNamespace(namespace)
                .setUid(
                    UUID.nameUUIDFromBytes(
                            (namespace + '/' + name).getBytes(StandardCharsets.UTF_8))
                        .toString()))
        .setHostname(name)
        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroupParent))
        .build();
  }

  private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(60, TimeUnit.SECONDS);
  }
}
