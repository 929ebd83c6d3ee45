package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.seine.agent.netlink.TestNamespace;
import io.seine.cni.api.v1.CniGrpc;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import io.seine.openflow.testing.OvsInstance;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A node in a network namespace of its own, with its own Open vSwitch, for real agent processes
 * against an API server in this process. The node is {@code n1} and has both an IPv4 and an IPv6
 * address.
 */
final class AgentFixture implements AutoCloseable {
  static final Duration START = Duration.ofMinutes(2);
  private static final Logger NOISE = Logger.getLogger("io.fabric8.mockwebserver");
  private static final int HTTP_PORT = 10350;
  private static final String CONF =
      "{\"cniVersion\":\"1.1.0\",\"name\":\"seine\",\"type\":\"seine\"}";

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          false);
  private final String link = "st" + Integer.toHexString(ThreadLocalRandom.current().nextInt());
  private final String network = "198.18." + ThreadLocalRandom.current().nextInt(256) + ".";
  private final Path directory = Files.createTempDirectory("seine-agent-");
  private final List<Process> agents = new ArrayList<>();
  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
  private final ManagedChannel channel;
  final TestNamespace namespace = TestNamespace.create("agent");
  final OvsInstance ovs = OvsInstance.startIn(namespace.name());
  final KubernetesClient client;

  /**
   * @param serviceCidrs with commas between
   */
  AgentFixture(String serviceCidrs) throws Exception {
    NOISE.setLevel(Level.OFF);
    host("ip", "link", "add", link, "type", "veth", "peer", "up0", "netns", namespace.name());
    host("ip", "addr", "add", network + "1/30", "dev", link);
    host("ip", "link", "set", link, "up");
    namespace.run("ip", "addr", "add", address() + "/30", "dev", "up0");
    namespace.run("ip", "addr", "add", address6() + "/64", "dev", "up0", "nodad");
    namespace.run("ip", "link", "set", "up0", "up");
    server.start(InetAddress.ofLiteral(network + "1"), 0);
    client = server.createClient();
    Path socket = directory.resolve("cni/cni.sock");
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .usePlaintext()
            .build();
    Files.writeString(
        directory.resolve("agent.yaml"),
        """
        nodeName: n1
        apiServer: http://%s1:%d
        serviceCidrs: [%s]
        datapathType: netdev
        ovsdbSocket: %s
        ovsRunDir: %s
        enableIpForwarding: true
        cniSocket: %s
        auditInterval: 1s
        httpPort: %d
        """
            .formatted(
                network,
                server.getPort(),
                serviceCidrs,
                ovs.dbSocket(),
                ovs.dir(),
                socket,
                HTTP_PORT));
  }

  /** The node's IPv4 address. */
  String address() {
    return network + "2";
  }

  /** The node's IPv6 address. */
  String address6() {
    return "fd00:198:18::2";
  }

  @Override
  public void close() throws IOException {
    try {
      end();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the node was taken down", e);
    }
  }

  private void end() throws IOException, InterruptedException {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    agents.forEach(Process::destroyForcibly);
    System.out.println("--- the agent's log");
    System.out.println(log());
    client.close();
    ovs.close();
    server.shutdown();
    host("ip", "link", "delete", link);
    namespace.close();
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void host(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }

  String log() throws IOException {
    Path log = directory.resolve("agent.log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  Process startAgent() throws IOException {
    List<String> command = new ArrayList<>(namespace.within());
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(Files.readAllLines(Path.of("src/main/jvm/agent.jvmflags")));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add("-Dlogback.configurationFile=io/seine/agent/logback.xml");
    command.addAll(
        List.of(Main.class.getName(), "--config", directory.resolve("agent.yaml").toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(directory.resolve("agent.log").toFile()))
            .start();
    agents.add(process);
    return process;
  }

  /** The body of a page of the agent. */
  String page(String path) throws IOException, InterruptedException {
    Process curl =
        new ProcessBuilder(namespace.within("curl", "-s", "http://127.0.0.1:" + HTTP_PORT + path))
            .start();
    String body = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    curl.waitFor();
    return body;
  }

  void awaitReady() {
    await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(() -> assertThat(page("/readyz")).isEqualTo("ok\n"));
  }

  /** Makes the object of a node, which may be {@code n1}, with these addresses and pod networks. */
  void node(String name, List<String> addresses, String... cidrs) {
    NodeBuilder node =
        new NodeBuilder()
            .withNewMetadata()
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withPodCIDR(cidrs[0])
            .withPodCIDRs(cidrs)
            .endSpec();
    var status = node.withNewStatus();
    addresses.forEach(a -> status.addNewAddress(a, "InternalIP"));
    client.resource(status.endStatus().build()).create();
  }

  List<String> flows(String table) {
    return Arrays.stream(ovs.ofctl("dump-flows", "br-int", table).split("\n"))
        .filter(line -> line.contains("table="))
        .toList();
  }

  /** A CNI operation for a pod of this name and container id. */
  InvokeReply cni(String command, String pod, TestNamespace netns, String more) {
    channel.enterIdle(); // so that an agent that was started again is found at once
    return CniGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .invoke(
            InvokeRequest.newBuilder()
                .setCommand(command)
                .setContainerId(pod)
                .setIfname("eth0")
                .setNetns(netns.path().toString())
                .setArgs("K8S_POD_NAMESPACE=test;K8S_POD_NAME=" + pod)
                .setStdin(ByteString.copyFromUtf8(CONF.replace("}", more + "}")))
                .build());
  }

  /** Connects the pod; what CNI printed. */
  String add(String pod, TestNamespace netns) {
    InvokeReply reply = cni("ADD", pod, netns, "");
    assertThat(reply.getExitCode()).as(reply.getStdout().toStringUtf8()).isZero();
    return reply.getStdout().toStringUtf8();
  }
}
