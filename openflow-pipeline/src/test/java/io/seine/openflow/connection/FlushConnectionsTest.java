package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.CtFlush.Peer;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.openflow.Ports;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
import io.seine.openflow.testing.SampleFlows;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That a real switch forgets the connections it is told to, and no others. */
@Tag("system")
class FlushConnectionsTest {
  private static final int ZONE = 65520;
  private static final int UDP = 17;
  private static final Duration SOON = Duration.ofSeconds(10);

  private final OvsInstance ovs = OvsInstance.start();

  @SuppressWarnings("NullAway.Init")
  private OpenFlowConnection connection;

  @BeforeEach
  void translate() throws Exception {
    ovs.addBridge("br0");
    connection = OpenFlowConnection.connect(ovs.mgmt("br0"));
    // given a switch that sends what comes for a service to an endpoint by the client's port
    connection.commit(
        List.of(
            service(10, "10.100.0.7", 1000, "10.0.1.5"),
            service(11, "10.100.0.7", 1001, "10.0.1.6"),
            service(12, "10.100.0.8", 1000, "10.0.1.5"),
            service(13, "fd00:100::7", 1000, "fd00:1::5"),
            service(14, "fd00:100::7", 1001, "fd00:1::6")));
    send("10.0.1.2", 1000, "10.100.0.7");
    send("10.0.1.2", 1001, "10.100.0.7");
    send("10.0.1.2", 1000, "10.100.0.8");
    send("fd00:1::2", 1000, "fd00:100::7");
    send("fd00:1::2", 1001, "fd00:100::7");
    await().atMost(SOON).until(() -> connections().size() == 5);
  }

  @AfterEach
  void stop() {
    connection.close();
    ovs.close();
  }

  private static Ip ip(String text) {
    return Ip.parse(text);
  }

  private static Change service(int priority, String address, int clientPort, String endpoint)
      throws Exception {
    boolean v4 = ip(address).family() == Family.IPV4;
    Match match =
        Match.of(
            v4 ? SampleFlows.IP : SampleFlows.IPV6,
            SampleFlows.UDP,
            FieldMatch.exact(v4 ? Field.IPV4_DST : Field.IPV6_DST, ip(address).value()),
            FieldMatch.exact(Field.UDP_SRC, clientPort));
    Action to =
        Action.Ct.of(9, ZONE)
            .withCommit()
            .withNat(Action.Nat.destination(ip(endpoint).value(), 5353));
    return new Change.AddFlow(new Flow(0, priority, match, List.of(to)), 0);
  }

  private void send(String from, int port, String to) throws Exception {
    connection.packetOut(
        Ports.LOCAL,
        List.of(new Action.Output(0xfffffff9)),
        Packets.udp(ip(from).value(), port, ip(to).value(), 53));
  }

  /** Who answers whom, by what was first asked for. */
  private List<String> connections() {
    return ovs.appctl("dpctl/dump-conntrack")
        .lines()
        .filter(line -> line.startsWith("udp"))
        .map(line ->
            line.replaceAll(
                "udp,orig=\\(src=[^,]*,dst=([^,]*),sport=(\\d+).*reply=\\(src=([^,]*),.*",
                "$1 $2 $3"))
        .sorted()
        .collect(Collectors.toList());
  }

  @Test
  void whoWasFirstAskedForIsForgottenWhoeverAnswers() throws Exception {
    connection.flushConnections(List.of(CtFlush.to(ZONE, UDP, Peer.of(ip("10.100.0.7"), 53))));
    assertThat(connections())
        .containsExactly(
            "10.100.0.8 1000 10.0.1.5", "fd00:100::7 1000 fd00:1::5", "fd00:100::7 1001 fd00:1::6");
  }

  @Test
  void ofThoseOnlyTheOnesThatOneEndpointAnswers() throws Exception {
    connection.flushConnections(
        List.of(
            CtFlush.between(
                ZONE, UDP, Peer.of(ip("10.100.0.7"), 53), Peer.of(ip("10.0.1.5"), 5353)),
            CtFlush.between(
                ZONE, UDP, Peer.of(ip("fd00:100::7"), 53), Peer.of(ip("fd00:1::6"), 5353))));
    assertThat(connections())
        .containsExactly(
            "10.100.0.7 1001 10.0.1.6", "10.100.0.8 1000 10.0.1.5", "fd00:100::7 1000 fd00:1::5");
  }

  @Test
  void aPortAloneMeansEveryAddress() throws Exception {
    connection.flushConnections(
        List.of(CtFlush.between(ZONE, UDP, Peer.anyAt(53), Peer.of(ip("10.0.1.5"), 5353))));
    assertThat(connections()).hasSize(3).noneMatch(c -> c.contains("10.0.1.5"));
    // One that removes most of what there is may miss some; see Switch.
    await()
        .atMost(SOON)
        .until(() -> {
          connection.flushConnections(List.of(CtFlush.to(ZONE, UDP, Peer.anyAt(53))));
          return connections().isEmpty();
        });
  }

  @Test
  void whatFitsNothingIsNoError() throws Exception {
    assertThatCode(() ->
            connection.flushConnections(
                List.of(
                    CtFlush.to(ZONE, UDP, Peer.of(ip("10.100.0.7"), 54)),
                    CtFlush.to(ZONE, 6, Peer.of(ip("10.100.0.7"), 53)),
                    CtFlush.to(ZONE + 1, UDP, Peer.of(ip("10.100.0.7"), 53)),
                    CtFlush.between(
                        ZONE, UDP, Peer.of(ip("10.100.0.7"), 53), Peer.of(ip("10.0.1.9"), 5353)))))
        .doesNotThrowAnyException();
    assertThat(connections()).hasSize(5);
  }
}
