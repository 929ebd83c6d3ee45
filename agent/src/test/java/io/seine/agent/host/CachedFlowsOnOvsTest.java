package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.OvsRelease;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the userspace datapath does after a change of flows, of each release that there is. */
class CachedFlowsOnOvsTest {
  private static final String BRIDGE = "br0";
  private static final String CLOSER = "priority=20,udp,in_port=1,nw_dst=192.0.2.2,tp_dst=80";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  static List<OvsRelease> releases() {
    return OvsRelease.available();
  }

  @ParameterizedTest
  @MethodSource("releases")
  @Tag("system")
  void nothingGoesByFlowsThatAreNotThereAnyMore(OvsRelease release) {
    try (OvsInstance ovs = OvsInstance.start(release);
        CachedFlows cached =
            new CachedFlows(Unixctl.at(ovs.dir().resolve("vswitchd.ctl"), "ovs-vswitchd"), true)) {
      cached.start();
      Wire wire = Wire.in(ovs);
      wire.add("priority=10,udp,in_port=1,nw_dst=192.0.2.2,actions=2");
      wire.add("priority=10,udp,in_port=1,nw_dst=192.0.2.3,actions=2");
      // Given what is cached of a flow that looks at ports, and is not there any more,
      wire.send("192.0.2.3", 80, false);
      wire.add(CLOSER + ",actions=2");
      wire.send("192.0.2.3", 80, false);
      wire.send("192.0.2.2", 80, true);
      wire.remove(CLOSER);
      // and, besides, what is cached of one that does not look at them:
      wire.send("192.0.2.2", 81, false);
      // When it comes again, and forbids,
      wire.add(CLOSER + ",actions=drop");
      cached.outdate();
      // Then no packet to that port passes.
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            wire.send("192.0.2.2", 80, true);
            assertThat(wire.cached("192.0.2.2", true)).allMatch(flow -> flow.endsWith("drop"));
          });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ovs-vswitchd (Open vSwitch) 2.17.9, true",
    "ovs-vswitchd (Open vSwitch) 3.1.0, true",
    "ovs-vswitchd (Open vSwitch) 3.5.0, false",
    "ovs-vswitchd (Open vSwitch) 4.0.1, false",
    "something else, true"
  })
  void whichReleasesMistakeFlows(String version, boolean expected) {
    assertThat(CachedFlows.mistakesFlows(version)).isEqualTo(expected);
  }

  /** A device that sends into the bridge's port 1; what comes out of port 2 is only counted. */
  private record Wire(OvsInstance ovs) {
    static Wire in(OvsInstance ovs) {
      ovs.addBridge(BRIDGE);
      for (int port : List.of(1, 2)) {
        String name = "p" + port;
        ovs.vsctl(
            "add-port",
            BRIDGE,
            name,
            "--",
            "set",
            "interface",
            name,
            "type=internal",
            "ofport_request=" + port);
        ovs.inNamespace("ip", "link", "set", name, "up");
      }
      ovs.inNamespace("ip", "address", "add", "192.0.2.1/24", "dev", "p1");
      for (String neighbour : List.of("192.0.2.2", "192.0.2.3")) {
        ovs.inNamespace(
            "ip", "neighbour", "add", neighbour, "lladdr", "02:00:00:00:00:02", "dev", "p1");
      }
      return new Wire(ovs);
    }

    /** Returns when Open vSwitch has gone through all that is cached. */
    void add(String flow) {
      ovs.ofctl("add-flow", BRIDGE, flow);
      ovs.appctl("revalidator/wait");
    }

    void remove(String flow) {
      ovs.ofctl("--strict", "del-flows", BRIDGE, flow);
      ovs.appctl("revalidator/wait");
    }

    /** Sends a datagram; returns when there is what the datapath caches of such. */
    void send(String to, int port, boolean byPort) {
      await()
          .atMost(LIMIT)
          .until(() -> {
            ovs.inNamespace("bash", "-c", "echo > /dev/udp/%s/%d".formatted(to, port));
            return !cached(to, byPort).isEmpty();
          });
    }

    List<String> cached(String to, boolean byPort) {
      return ovs.appctl("dpctl/dump-flows")
          .lines()
          .filter(flow -> flow.contains("dst=" + to + ",") && flow.contains("udp(dst=") == byPort)
          .toList();
    }
  }
}
