package io.seine.ovsdb;

import io.seine.openflow.testing.OvsInstance;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A real Open vSwitch in a namespace of its own and a session with it. */
final class OvsFixture implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(20);
  static final OvsdbSession.Options OPTIONS =
      new OvsdbSession.Options(
          TIMEOUT, Duration.ofSeconds(5), Duration.ofSeconds(5), failures -> Duration.ofMillis(20));

  final TestNamespace namespace = new TestNamespace();
  final OvsInstance ovs;
  final OvsdbSession session;
  final BridgeManager manager;

  /** What the session's listener was told, in order. */
  final BlockingQueue<String> news = new LinkedBlockingQueue<>();

  OvsFixture() {
    OvsInstance started = null;
    try {
      started = OvsInstance.startIn(namespace.name());
      ovs = started;
      session = OvsdbSession.open(ovs.dbSocket(), OPTIONS, listener());
      manager = new BridgeManager(session, "br-int", TIMEOUT);
      session.awaitConnected(TIMEOUT);
    } catch (RuntimeException e) {
      if (started != null) {
        started.close();
      }
      namespace.close();
      throw e;
    }
  }

  BridgeRow bridge() {
    return manager.ensureBridge(BridgeSpec.of("br-int", "netdev"));
  }

  Snapshot snapshot() {
    return session.cache().snapshot();
  }

  static PodPort pod(int number) {
    return new PodPort(
        "pod-" + number,
        "container" + number,
        "eth0",
        "default",
        "web-" + number,
        "uid-" + number,
        "0a:58:0a:2a:00:%02x".formatted(number),
        InetAddress.ofLiteral("10.42.0." + number),
        "/run/netns/cni-" + number);
  }

  /** Makes the pair of devices whose host end a pod's port attaches. */
  void veth(PodPort port) {
    namespace.exec(
        "ip", "link", "add", port.name(), "type", "veth", "peer", "name", "p" + port.name());
  }

  private OvsdbSession.Listener listener() {
    return new OvsdbSession.Listener() {
      @Override
      public void connected(Snapshot snapshot) {
        news.add("connected");
      }

      @Override
      public void disconnected(String why) {
        news.add("disconnected");
      }
    };
  }

  @Override
  public void close() {
    try (namespace;
        ovs) {
      session.close();
    }
  }
}
