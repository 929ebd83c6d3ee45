package io.seine.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.seine.agent.ipam.AddressPools;
import io.seine.agent.netlink.Link;
import io.seine.agent.netlink.Netlink;
import io.seine.agent.netlink.NetlinkException;
import io.seine.agent.netlink.NetworkNamespace;
import io.seine.agent.netlink.TestNamespace;
import io.seine.cni.api.v1.CniGrpc;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import io.seine.openflow.Ip;
import io.seine.openflow.testing.OvsInstance;
import io.seine.ovsdb.Backoff;
import io.seine.ovsdb.BridgeManager;
import io.seine.ovsdb.BridgeSpec;
import io.seine.ovsdb.OvsdbSession;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.LocalPod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The CNI operations through the agent's socket, on real namespaces and a real Open vSwitch; only
 * the flows are kept in memory.
 */
@Tag("system")
class CniSystemTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CONF =
      "{\"cniVersion\":\"1.1.0\",\"name\":\"seine\",\"type\":\"seine\"}";
  private static final int PODS = 100;
  private static final int AT_ONCE = 20;

  @TempDir private Path temporary;

  private final Set<LocalPod> flows = ConcurrentHashMap.newKeySet();
  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
  private TestNamespace nodeNamespace;
  private NetworkNamespace inNode;
  private final List<NetworkNamespace> opened = new CopyOnWriteArrayList<>();

  private NetlinkPodLinks podLinks() {
    return new NetlinkPodLinks(inNode.netlink(), this::anotherSocket, true);
  }

  private Netlink anotherSocket() throws NetlinkException {
    NetworkNamespace again = NetworkNamespace.open(nodeNamespace.path());
    opened.add(again);
    return again.netlink();
  }

  private OvsInstance ovs;
  private OvsdbSession session;
  private BridgeManager bridge;
  private String[] cidrs = {"10.10.1.0/24"};
  private AddressPools pools;
  private CniHandler handler;
  private CniServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    nodeNamespace = TestNamespace.create("cni");
    inNode = NetworkNamespace.open(nodeNamespace.path());
    ovs = OvsInstance.startIn(nodeNamespace.name());
    Duration second = Duration.ofSeconds(1);
    session =
        OvsdbSession.open(
            ovs.dbSocket(),
            new OvsdbSession.Options(
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Backoff.exponential(second.dividedBy(10), second, new Random(1))),
            new OvsdbSession.Listener() {
              @Override
              public void connected(Snapshot snapshot) {}

              @Override
              public void disconnected(String why) {}
            });
    session.awaitConnected(Duration.ofSeconds(10));
    bridge = new BridgeManager(session, "br-int", Duration.ofSeconds(10));
    bridge.ensureBridge(BridgeSpec.of("br-int", "netdev"));
    startAgent();
  }

  private void startAgent() throws Exception {
    pools = FakeNode.pools(cidrs);
    CniNode node =
        new CniNode(
            new OvsdbPodPorts(session, bridge),
            podLinks(),
            new Flows(),
            pools,
            Optional::empty,
            (reason, message) -> {},
            1450,
            Duration.ofSeconds(10));
    handler = new CniHandler(node, InstantSource.system(), (command, code, took) -> {});
    handler.adopt();
    Path socket = temporary.resolve("run/cni.sock");
    server = CniServer.start(socket, handler, Duration.ofSeconds(30));
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .usePlaintext()
            .build();
  }

  private void stopAgent() throws Exception {
    channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    server.close();
  }

  @AfterEach
  void stop() throws Exception {
    stopAgent();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    session.close();
    ovs.close();
    for (NetworkNamespace again : opened) {
      again.close();
    }
    inNode.close();
    nodeNamespace.close();
  }

  /** Flows in memory, with the rule that a removal concerns exactly the pod it names. */
  private final class Flows implements PodNetwork {
    @Override
    public void connected(LocalPod pod, String uid, Duration timeout) {
      flows.add(pod);
    }

    @Override
    public void disconnected(LocalPod pod) {
      flows.remove(pod);
    }

    @Override
    public boolean isConnected(LocalPod pod) {
      return flows.contains(pod);
    }
  }

  private static InvokeRequest request(String command, String id, String netns, String conf) {
    return InvokeRequest.newBuilder()
        .setCommand(command)
        .setContainerId(id)
        .setIfname("eth0")
        .setNetns(netns)
        .setArgs("IgnoreUnknown=1;K8S_POD_NAMESPACE=test;K8S_POD_NAME=" + id)
        .setStdin(ByteString.copyFromUtf8(conf))
        .build();
  }

  private InvokeReply invoke(InvokeRequest request) {
    return CniGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS).invoke(request);
  }

  private void assertNothingLeft() throws Exception {
    assertThat(session.cache().snapshot().podPorts()).isEmpty();
    assertThat(flows).isEmpty();
    assertThat(pools.usage().inUse()).isZero();
    assertThat(inNode.netlink().links()).extracting(Link::kind).doesNotContain(Optional.of("veth"));
  }

  @Test
  void aPodIsWiredCheckedAndTakenOffAgain() throws Exception {
    try (TestNamespace pod = TestNamespace.create("p")) {
      InvokeReply reply = invoke(request("ADD", "web-0", pod.path().toString(), CONF));

      assertThat(reply.getExitCode()).as(reply.getStdout().toStringUtf8()).isZero();
      JsonNode result = JSON.readTree(reply.getStdout().toByteArray());
      JsonNode device = pod.ip("address", "show", "eth0").get(0);
      assertThat(device.path("address").asText()).isEqualTo("0a:58:0a:0a:01:02");
      assertThat(device.at("/addr_info/0/local").asText()).isEqualTo("10.10.1.2");
      assertThat(device.path("mtu").asInt()).isEqualTo(1450);
      assertThat(pod.ip("route", "show", "default").at("/0/gateway").asText())
          .isEqualTo("10.10.1.1");
      assertThat(pod.run("ethtool", "-k", "eth0")).contains("tx-checksumming: off");
      String port = result.at("/interfaces/0/name").asText();
      assertThat(ovs.vsctl("get", "port", port, "external_ids:seine-address"))
          .contains("10.10.1.2");
      assertThat(flows).hasSize(1);

      String check = CONF.replace("}", ",\"prevResult\":" + result + "}");
      assertThat(invoke(request("CHECK", "web-0", pod.path().toString(), check)).getExitCode())
          .isZero();
      pod.run("ip", "address", "del", "10.10.1.2/24", "dev", "eth0");
      assertThat(
              invoke(request("CHECK", "web-0", pod.path().toString(), check))
                  .getStdout()
                  .toStringUtf8())
          .contains("lacks address 10.10.1.2/24");

      invoke(request("DEL", "web-0", pod.path().toString(), CONF));
      assertThat(pod.run("ip", "link")).doesNotContain("eth0");
      assertNothingLeft();
    }
    assertThat(invoke(request("DEL", "web-0", "", CONF)).getExitCode()).isZero();
  }

  @Test
  void aDualStackPodIsWiredAlsoWhereTheRuntimeSwitchedIpv6Off() throws Exception {
    stopAgent();
    cidrs = new String[] {"10.10.1.0/24", "fd00:10:1::/64"};
    startAgent();
    try (TestNamespace pod = TestNamespace.create("p")) {
      pod.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1");
      pod.run("sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1");

      InvokeReply reply = invoke(request("ADD", "web-0", pod.path().toString(), CONF));

      assertThat(reply.getExitCode()).as(reply.getStdout().toStringUtf8()).isZero();
      JsonNode result = JSON.readTree(reply.getStdout().toByteArray());
      JsonNode addresses = pod.ip("address", "show", "eth0", "scope", "global").at("/0/addr_info");
      assertThat(addresses.findValuesAsText("local")).containsExactly("10.10.1.2", "fd00:10:1::2");
      assertThat(addresses.findValuesAsText("prefixlen")).containsExactly("24", "128");
      assertThat(addresses.at("/1/tentative").asBoolean()).isFalse();
      assertThat(pod.ip("-6", "route", "show", "default").at("/0/gateway").asText())
          .isEqualTo("fd00:10:1::1");
      JsonNode gateway = pod.ip("-6", "neigh", "show", "fd00:10:1::1").get(0);
      assertThat(gateway.path("lladdr").asText()).isEqualTo("0a:58:0a:0a:01:01");
      assertThat(gateway.at("/state/0").asText()).isEqualTo("PERMANENT");
      String port = result.at("/interfaces/0/name").asText();
      assertThat(ovs.vsctl("get", "port", port, "external_ids:seine-address-2"))
          .contains("fd00:10:1:0:0:0:0:2");
      // and the host's end says nothing of its own to the pod
      assertThat(nodeNamespace.ip("-6", "address", "show", port)).isEmpty();

      String check = CONF.replace("}", ",\"prevResult\":" + result + "}");
      assertThat(invoke(request("CHECK", "web-0", pod.path().toString(), check)).getExitCode())
          .isZero();
      pod.run("ip", "-6", "route", "del", "default");
      assertThat(
              invoke(request("CHECK", "web-0", pod.path().toString(), check))
                  .getStdout()
                  .toStringUtf8())
          .contains("the default route through fd00:10:1::1 is missing");

      stopAgent();
      startAgent();
      assertThat(handler.adopt())
          .extracting(LocalPod::addresses)
          .containsExactly(List.of(Ip.parse("10.10.1.2"), Ip.parse("fd00:10:1::2")));
      assertThat(invoke(request("DEL", "web-0", "", CONF)).getExitCode()).isZero();
      assertThat(pod.run("ip", "link")).doesNotContain("eth0");
      flows.clear();
      assertNothingLeft();
    }
  }

  @Test
  void theSocketIsForItsOwnerOnlyAndReplacesOneThatWasLeft() throws Exception {
    Path socket = temporary.resolve("run/cni.sock");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(temporary.resolve("run"))))
        .isEqualTo("rwx------");

    stopAgent();
    Files.createFile(socket);
    startAgent();

    assertThat(invoke(request("STATUS", "", "", CONF)).getExitCode()).isZero();
  }

  @Test
  void aHundredPodsTwentyAtATimeThreeTimesOverLeaveNothing() throws Exception {
    List<TestNamespace> pods = new ArrayList<>();
    try (ExecutorService runtime = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < PODS; i++) {
        pods.add(TestNamespace.create("m" + i));
      }
      for (int round = 0; round < 3; round++) {
        String prefix = "r" + round + "-";
        Set<String> addresses = ConcurrentHashMap.newKeySet();
        List<Future<Boolean>> adds =
            IntStream.range(0, PODS)
                .mapToObj(i ->
                    runtime.submit(() -> {
                      String netns = pods.get(i).path().toString();
                      InvokeReply reply = invoke(request("ADD", prefix + i, netns, CONF));
                      assertThat(reply.getExitCode()).as(reply.getStdout().toStringUtf8()).isZero();
                      return addresses.add(
                          JSON.readTree(reply.getStdout().toByteArray())
                              .at("/ips/0/address")
                              .asText());
                    }))
                .toList();
        for (Future<Boolean> unique : adds) {
          assertThat(unique.get()).isTrue();
        }
        assertThat(session.cache().snapshot().podPorts()).hasSize(PODS);
        List<Future<InvokeReply>> deletes =
            IntStream.range(0, PODS)
                .mapToObj(i -> runtime.submit(() -> invoke(request("DEL", prefix + i, "", CONF))))
                .toList();
        for (Future<InvokeReply> reply : deletes) {
          assertThat(reply.get().getExitCode()).isZero();
        }
        assertNothingLeft();
      }
    } finally {
      for (TestNamespace pod : pods) {
        pod.close();
      }
    }
  }

  @Test
  void aRestartedAgentAdoptsItsPodsAndClearsWhatTheNodesRestartLeft() throws Exception {
    try (TestNamespace kept = TestNamespace.create("kept")) {
      invoke(request("ADD", "kept", kept.path().toString(), CONF));
      try (TestNamespace lost = TestNamespace.create("lost")) {
        invoke(request("ADD", "lost", lost.path().toString(), CONF));
      }
      Awaitility.await().until(() -> podLinks().all().size() == 1);
      stopAgent();
      Set<LocalPod> before = Set.copyOf(flows);
      flows.clear();

      startAgent();

      assertThat(before).containsAll(handler.adopt());
      assertThat(handler.ports()).extracting(PodPort::pod).containsExactly("kept");
      assertThat(pools.usage().inUse()).isEqualTo(1);
      assertThat(invoke(request("DEL", "kept", "", CONF)).getExitCode()).isZero();
      assertNothingLeft();
    }
  }

  @Test
  void aDelThatCameWhileTheAgentWasDownIsDoneWhenItIsBack() throws Exception {
    Path directory = temporary.resolve("run/deferred-del");
    try (TestNamespace pod = TestNamespace.create("late")) {
      invoke(request("ADD", "early", pod.path().toString(), CONF));
      Files.createDirectories(directory);
      request("DEL", "early", "", CONF).writeTo(Files.newOutputStream(directory.resolve("1.pb")));
      Files.writeString(directory.resolve(".2.pb"), "still being written");
      Files.writeString(directory.resolve("3.pb"), "nonsense");

      try (DeferredDeletes _ =
          DeferredDeletes.start(
              directory, handler, Duration.ofSeconds(10), Duration.ofSeconds(60))) {
        Awaitility.await().until(() -> handler.ports().isEmpty());
        invoke(request("ADD", "next", pod.path().toString(), CONF));
        Path half = directory.resolve(".4");
        request("DEL", "next", "", CONF).writeTo(Files.newOutputStream(half));
        Files.move(half, directory.resolve("4.pb"));
        Awaitility.await().until(() -> handler.ports().isEmpty());
        Awaitility.await().until(() -> directory.toFile().list().length == 1);
      }
      assertThat(directory.resolve(".2.pb")).exists();
      assertNothingLeft();
    }
  }
}
