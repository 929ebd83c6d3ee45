package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.seine.sandbox.control.Pods;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.AgentProcess;
import io.seine.sandbox.node.Cidr;
import io.seine.sandbox.node.SandboxNode;
import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a pod that is root in its namespace sends under names not its own reaches nobody: no packet
 * arrives, no neighbour table learns. Nor does it reach what runs the network.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(Diagnostics.class)
class ForgedTrafficTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int REQUEST = 1;
  private static final int REPLY = 2;
  private static final int ARP = 0x0806;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final String ROUTER_MAC = "0a:5e:00:00:00:01";
  private static final String NOBODY = "00:00:00:00:00:00";
  private static final Map<String, String> PODS =
      Map.of(
          "forger",
          "node-1",
          "victim",
          "node-1",
          "neighbour",
          "node-1",
          "witness",
          "node-1",
          "far",
          "node-2");
  private final String name = "g" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox = unset();

  @SuppressWarnings("NullAway")
  private static Sandbox unset() {
    return null;
  }

  @Override
  public SandboxView view() {
    return sandbox.view();
  }

  @BeforeAll
  void up() {
    sandbox = Sandbox.up(SandboxSpec.ofNodes(name, 2), Progress.silent());
    PODS.forEach((pod, node) -> Manifests.apply(view().client(), manifest(pod, node)));
    await()
        .atMost(LIMIT)
        .until(() -> PODS.keySet().stream().allMatch(pod -> Pods.isReady(pod(pod))));
    for (String pod : PODS.keySet()) {
      assertThat(new Probe(netns("forger"), ANSWER).ping(address(pod), 100).ok()).as(pod).isTrue();
    }
    remember("victim", address("neighbour"), gateway());
    remember("neighbour", address("victim"), gateway());
    remember("far", view().node("node-2").podCidr().replaceAll("0/24$", "1"));
  }

  /**
   * Has a pod know the right MAC of its neighbours, as after talking with them: what is known can
   * be overwritten by forged ARP. Nothing is asked about such entries, so that nothing arrives.
   */
  private void remember(String pod, String... addresses) {
    netns(pod).ip("neigh flush dev eth0");
    for (String address : addresses) {
      netns(pod)
          .ip("neigh replace " + address + " lladdr " + macOf(address) + " dev eth0 nud stale");
    }
  }

  private static String manifest(String pod, String node) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, namespace: default}
    spec: {nodeName: %s, containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
    """
        .formatted(pod, node);
  }

  @AfterAll
  void down() {
    Sandbox.remove(name);
  }

  @Test
  void whatIsSentUnderItsOwnNameArrives() {
    long before = received(netns("witness"), "eth0");
    RawFrames.send(
        netns("forger"),
        List.of(ip(mac("witness"), mac("forger"), address("forger"), address("witness"))));
    await().atMost(LIMIT).until(() -> received(netns("witness"), "eth0") > before);
  }

  @Test
  void forgedArpChangesNoNeighbourTable() {
    String gateway = gateway();
    Map<String, byte[]> frames = new LinkedHashMap<>();
    for (String claimed : List.of(address("neighbour"), gateway, address("far"))) {
      for (String target : List.of(address("victim"), gateway)) {
        frames.put(
            "asks " + target + " as " + claimed,
            arp(RawFrames.BROADCAST, mac("forger"), REQUEST, mac("forger"), claimed, target));
      }
      frames.put(
          "tells the victim that it is " + claimed,
          arp(mac("victim"), mac("forger"), REPLY, mac("forger"), claimed, address("victim")));
      frames.put(
          "tells the gateway that it is " + claimed,
          arp(macOf(gateway), mac("forger"), REPLY, mac("forger"), claimed, gateway));
      for (int operation : List.of(REQUEST, REPLY)) {
        frames.put(
            "announces " + operation + " that it is " + claimed,
            arp(RawFrames.BROADCAST, mac("forger"), operation, mac("forger"), claimed, claimed));
        frames.put(
            "announces " + operation + " that it is " + claimed + ", in a VLAN",
            RawFrames.tagged(
                arp(
                    RawFrames.BROADCAST,
                    mac("forger"),
                    operation,
                    mac("forger"),
                    claimed,
                    claimed)));
      }
    }
    frames.put(
        "asks with a neighbour's MAC and address",
        arp(
            RawFrames.BROADCAST,
            mac("neighbour"),
            REQUEST,
            mac("neighbour"),
            address("neighbour"),
            address("victim")));
    frames.put(
        "tells its own address, unasked",
        arp(
            mac("victim"),
            mac("forger"),
            REPLY,
            mac("forger"),
            address("forger"),
            address("victim")));
    assertReachesNobody(frames);
  }

  @Test
  void packetsWithANeighboursMacOrAddressAreNotDelivered() {
    String victim = address("victim");
    Map<String, byte[]> frames = new LinkedHashMap<>();
    for (String target : List.of("victim", "far")) {
      String to = target.equals("far") ? macOf(gateway()) : mac(target);
      frames.put(
          "neighbour's MAC and address to " + target,
          ip(to, mac("neighbour"), address("neighbour"), address(target)));
      frames.put(
          "neighbour's address to " + target,
          ip(to, mac("forger"), address("neighbour"), address(target)));
      frames.put(
          "neighbour's MAC to " + target,
          ip(to, mac("neighbour"), address("forger"), address(target)));
      frames.put(
          "the gateway's MAC and address to " + target,
          ip(to, macOf(gateway()), gateway(), address(target)));
      frames.put("no address to " + target, ip(to, mac("forger"), "0.0.0.0", address(target)));
    }
    frames.put(
        "neighbour's MAC and address in a VLAN",
        RawFrames.tagged(ip(mac("victim"), mac("neighbour"), address("neighbour"), victim)));
    assertReachesNobody(frames);
  }

  @Test
  void broadcastAndMulticastReachNobody() {
    String own = address("forger");
    String everyone = Cidr.parse(view().node("node-1").podCidr()).toString();
    String directed = everyone.substring(0, everyone.lastIndexOf('.')) + ".255";
    assertReachesNobody(
        Map.of(
            "to everyone", ip(RawFrames.BROADCAST, mac("forger"), own, "255.255.255.255"),
            "to the subnet", ip(RawFrames.BROADCAST, mac("forger"), own, directed),
            "to the subnet by the router", ip(macOf(gateway()), mac("forger"), own, directed),
            "to a group", ip("01:00:5e:00:00:01", mac("forger"), own, "224.0.0.1"),
            "in IPv6", RawFrames.frame("33:33:00:00:00:01", mac("forger"), IPV6, new byte[48]),
            "in LLDP", RawFrames.frame("01:80:c2:00:00:0e", mac("forger"), 0x88cc, new byte[48])));
  }

  /**
   * A packet for a peer's tunnel port, written by a pod, would be given the node's own address by
   * the masquerade, and the peer would take what is in it for the traffic of this node's pods.
   */
  @Test
  void packetsWrittenForAPeersTunnelAreNotTakenForOurs() throws IOException {
    SandboxNode peer = view().node("node-2");
    byte[] inner = ip(ROUTER_MAC, mac("neighbour"), address("neighbour"), address("far"));
    ByteBuffer geneve = ByteBuffer.allocate(8 + inner.length);
    geneve.put((byte) 0).put((byte) 0).putShort((short) 0x6558).putInt(0).put(inner);
    long before = echoRequests(netns("far"));
    try (DatagramChannel channel = netns("forger").datagram(new InetSocketAddress(0))) {
      channel.send(
          geneve.flip(), new InetSocketAddress(InetAddress.ofLiteral(peer.address()), 6081));
    }
    assertThat(new Probe(netns("forger"), ANSWER).ping(address("witness"), 100).ok()).isTrue();
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(5))
        .until(() -> echoRequests(netns("far")) == before);
  }

  @Test
  void aPodReachesNoPortOfTheAgentOrTheSwitch() throws IOException {
    SandboxNode own = view().node("node-1");
    List<String> addresses =
        List.of(
            gateway(),
            own.address(),
            view().node("node-2").address(),
            "169.254.0.253",
            "127.0.0.1");
    for (String address : addresses) {
      for (int port : List.of(AgentProcess.HTTP_PORT, 10350, 6443, 6633, 6634, 6640, 6653)) {
        assertThat(connects(address, port)).as(address + ":" + port).isFalse();
      }
    }
    for (SandboxNode node : view().nodes()) {
      assertThat(listening(node.namespace()))
          .as(node.name())
          .allMatch(l -> l.contains("0100007F:"));
    }
  }

  @Test
  void theSocketsOfAgentAndSwitchAreRootsOnly() throws IOException {
    for (SandboxNode node : view().nodes()) {
      assertThat(mode(node.agent().cniSocket())).isEqualTo("rw-------");
      assertThat(mode(node.ovs().directory())).isEqualTo("rwx------");
      try (Stream<Path> sockets = Files.list(node.ovs().directory())) {
        assertThat(sockets.filter(f -> f.toString().matches(".*\\.(sock|mgmt|ctl|snoop)")).toList())
            .hasSizeGreaterThan(3);
      }
      assertThat(mode(view().layout().directory())).isEqualTo("rwx------");
      // An abstract socket would be open to whoever shares the node's network namespace.
      assertThat(
              node.namespace().call(() -> Files.readString(Path.of("/proc/thread-self/net/unix"))))
          .doesNotContain(" @");
    }
  }

  /** Sends all, then something honest that takes the same way: what comes must have come then. */
  private void assertReachesNobody(Map<String, byte[]> frames) {
    Namespace node = view().node("node-1").namespace();
    Map<String, Set<String>> tables = neighbourTables();
    frames.forEach((what, frame) ->
        // A kernel may ask for a neighbour of its own at any time; what gets through does each
        // time.
        assertThat(Stream.generate(() -> arrivals(frame)).limit(3).anyMatch(Map::isEmpty))
            .as(what)
            .isTrue());
    assertThat(neighbourTables()).isEqualTo(tables);
    assertThat(Commands.check(node.entering(List.of("ip", "neigh", "show", "dev", "gw0"))))
        .doesNotContain(address("neighbour") + " lladdr " + mac("forger"));
  }

  /** Who received something while a frame was sent. */
  private Map<String, Long> arrivals(byte[] frame) {
    Map<String, Long> before = receivedByAll();
    RawFrames.send(netns("forger"), List.of(frame, frame));
    assertThat(new Probe(netns("forger"), ANSWER).ping(address("witness"), 100).ok()).isTrue();
    Map<String, Long> after = receivedByAll();
    after.entrySet().removeAll(before.entrySet());
    return after;
  }

  private Map<String, Long> receivedByAll() {
    Map<String, Long> all = new LinkedHashMap<>();
    for (String pod : List.of("victim", "neighbour", "far")) {
      all.put(pod, received(netns(pod), "eth0"));
    }
    for (SandboxNode node : view().nodes()) {
      all.put(node.name(), received(node.namespace(), "gw0"));
    }
    return all;
  }

  /** How often somebody has pinged the namespace. */
  private static long echoRequests(Namespace namespace) {
    List<String> icmp =
        namespace
            .call(() -> Files.readString(Path.of("/proc/thread-self/net/snmp")))
            .lines()
            .filter(line -> line.startsWith("Icmp: "))
            .toList();
    int column = List.of(icmp.get(0).split(" ", -1)).indexOf("InEchos");
    return Long.parseLong(icmp.get(1).split(" ", -1)[column]);
  }

  /** Packets that the device has received. */
  private static long received(Namespace namespace, String device) {
    String table = namespace.call(() -> Files.readString(Path.of("/proc/thread-self/net/dev")));
    return table
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith(device + ":"))
        .mapToLong(
            line -> Long.parseLong(line.substring(device.length() + 1).strip().split(" +", -1)[1]))
        .findFirst()
        .orElseThrow();
  }

  /** Who is thought to have which MAC, by namespace; the forger's own and the witness left out. */
  private Map<String, Set<String>> neighbourTables() {
    Map<String, Namespace> all = new LinkedHashMap<>();
    List.of("victim", "neighbour", "far").forEach(pod -> all.put(pod, netns(pod)));
    view().nodes().forEach(node -> all.put(node.name(), node.namespace()));
    Map<String, Set<String>> tables = new LinkedHashMap<>();
    all.forEach((who, namespace) -> {
      Set<String> known = new TreeSet<>();
      Commands.check(namespace.entering(List.of("ip", "-4", "neigh", "show")))
          .lines()
          .filter(line -> line.contains("lladdr"))
          .forEach(line -> known.add(line.replaceAll("(lladdr [0-9a-f:]+).*", "$1")));
      tables.put(who, known);
    });
    return tables;
  }

  private boolean connects(String address, int port) {
    try (SocketChannel channel = netns("forger").socket()) {
      channel.socket().connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The local addresses of TCP sockets that listen, as /proc/net/tcp writes them. */
  private static List<String> listening(Namespace namespace) {
    return namespace
        .call(() ->
            Files.readString(Path.of("/proc/thread-self/net/tcp"))
                + Files.readString(Path.of("/proc/thread-self/net/tcp6")))
        .lines()
        .map(line -> line.strip().split(" +", -1))
        .filter(words -> words.length > 3 && words[3].equals("0A"))
        .map(words -> words[1])
        .toList();
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static byte[] arp(
      String to, String from, int operation, String sha, String spa, String tpa) {
    String tha = operation == REPLY && !to.equals(RawFrames.BROADCAST) ? to : NOBODY;
    return RawFrames.frame(to, from, ARP, RawFrames.arp(operation, sha, spa, tha, tpa));
  }

  private static byte[] ip(String to, String from, String source, String destination) {
    return RawFrames.frame(to, from, IPV4, RawFrames.echo(source, destination));
  }

  private Pod pod(String pod) {
    return view().client().pods().inNamespace("default").withName(pod).get();
  }

  private Namespace netns(String pod) {
    return view().pod("default", pod);
  }

  private String address(String pod) {
    return Pods.address(pod(pod)).orElseThrow();
  }

  private String gateway() {
    return view().node("node-1").podCidr().replaceAll("0/24$", "1");
  }

  private String mac(String pod) {
    return macOf(address(pod));
  }

  private static String macOf(String address) {
    StringBuilder mac = new StringBuilder("0a:58");
    for (String part : address.split("\\.", -1)) {
      mac.append(":%02x".formatted(Integer.parseInt(part)));
    }
    return mac.toString();
  }
}
