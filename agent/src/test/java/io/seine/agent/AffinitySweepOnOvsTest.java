package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Ports;
import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.Packets;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Affinity of a whole day on a real switch whose clock is put forward by hours: what it reports,
 * and what the sweep takes away.
 */
@Tag("system")
class AffinitySweepOnOvsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int DAY = 86_400;
  private static final Ip VIP = Ip.parse("10.100.0.7");
  private static final Ip EAST = Ip.parse("10.0.1.2");
  private static final Ip WEST = Ip.parse("10.0.1.3");

  private final String bridge = "aff" + UUID.randomUUID().toString().substring(0, 8);
  private final OvsInstance ovs = OvsInstance.startWithTime();
  private final GroupIds ids = new GroupIds();
  private long now = Duration.ofDays(1000).toNanos();

  @SuppressWarnings("NullAway.Init")
  private OpenFlowConnection connection;

  @BeforeEach
  void start() {
    ovs.addBridge(bridge);
    connect();
  }

  private void connect() {
    connection =
        await()
            .atMost(SOON)
            .ignoreException(SwitchException.class)
            .until(() -> OpenFlowConnection.connect(ovs.mgmt(bridge)), OpenFlowConnection::isOpen);
  }

  @AfterEach
  void stop() {
    try (ovs) {
      connection.close();
    }
  }

  @Test
  void whatNoConnectionHasUsedForADayEndsAndWhatOneHasUsedStays() throws Exception {
    AffinitySweep sweep = serve(DAY);
    connectionFrom(EAST, 4000);
    connectionFrom(WEST, 4000);
    awaitClients(EAST, WEST);
    assertThat(learned()).allMatch(flow -> flow.idleTimeout() == 0);
    assertThat(sweep.sweep(connection)).isZero();

    // when the switch still counts, and then counts no further
    pass(Duration.ofHours(10));
    assertThat(sweep.sweep(connection)).isZero();
    connectionFrom(WEST, 4001);
    awaitUsed(WEST);
    assertThat(sweep.sweep(connection)).isZero();
    pass(Duration.ofHours(13));
    assertThat(sweep.sweep(connection)).isZero();
    assertThat(idle(EAST)).isEqualTo(InstalledFlow.MOST_IDLE);
    assertThat(clients()).isEqualTo(Set.of(EAST, WEST));

    // then a day ends the one, and the other's day ends ten hours later
    pass(Duration.ofHours(1));
    assertThat(sweep.sweep(connection)).isEqualTo(1);
    assertThat(clients()).isEqualTo(Set.of(WEST));
    pass(Duration.ofHours(9));
    assertThat(sweep.sweep(connection)).isZero();
    pass(Duration.ofHours(1));
    assertThat(sweep.sweep(connection)).isEqualTo(1);
    assertThat(clients()).isEmpty();
  }

  @Test
  void anAgentThatStartsAnewEndsNothingEarlyAndEndsItAtLast() throws Exception {
    var _ = serve(DAY);
    connectionFrom(EAST, 4000);
    awaitClients(EAST);

    // given one that was away while the switch came to the end of its count
    pass(Duration.ofHours(20));
    AffinitySweep next = serve(DAY);
    assertThat(idle(EAST)).isEqualTo(InstalledFlow.MOST_IDLE);
    assertThat(next.sweep(connection)).isZero();

    // when it is over, it stays for what cannot be known
    pass(Duration.ofHours(5));
    assertThat(next.sweep(connection)).isZero();
    pass(Duration.ofHours(1));
    assertThat(next.sweep(connection)).isEqualTo(1);
    assertThat(clients()).isEmpty();
  }

  @Test
  void whatTheSwitchCanTimeItselfItEndsWithoutTheSweep() throws Exception {
    AffinitySweep sweep = serve(65_535);
    connectionFrom(EAST, 4000);
    awaitClients(EAST);
    assertThat(learned()).allMatch(flow -> flow.idleTimeout() == 65_535);
    pass(Duration.ofSeconds(65_500));
    assertThat(clients()).isEqualTo(Set.of(EAST));

    pass(Duration.ofSeconds(36));

    await().atMost(SOON).until(() -> clients().isEmpty());
    assertThat(sweep.sweep(connection)).isZero();
  }

  /** Writes the service, as it is already after the first time, and returns a sweep that knows. */
  private AffinitySweep serve(int seconds) throws SwitchException {
    ServiceFact fact =
        new ServiceFact(
            "web",
            "shop",
            List.of(
                new ServiceFact.Port(
                    "http",
                    ServiceFact.Protocol.UDP,
                    Family.IPV4,
                    80,
                    List.of(ServiceFact.Frontend.clusterIp(VIP, 80, ServiceFact.Policy.CLUSTER)),
                    List.of(new ServiceFact.Endpoint(Ip.parse("10.0.2.2"), 8080)),
                    List.of(),
                    OptionalInt.of(seconds))));
    if (connection.dumpFlows().isEmpty()) {
      FlowSet set = ServiceCompiler.compile(fact, ids);
      List<Change> changes = new ArrayList<>();
      set.groups().forEach(group -> changes.add(new Change.AddGroup(group)));
      set.flows()
          .forEach(
              flow -> changes.add(new Change.AddFlow(flow, Cookie.of(Owner.Kind.SERVICE, flow))));
      connection.commit(changes);
    }
    AffinitySweep sweep = new AffinitySweep(ids, () -> now);
    sweep.put(fact.owner(), Optional.of(fact));
    return sweep;
  }

  private void connectionFrom(Ip client, int port) throws SwitchException {
    connection.packetOut(
        Ports.LOCAL,
        List.of(Action.Resubmit.to(Table.SERVICE_LB.number())),
        Packets.between(
            Addresses.macOf(client),
            Addresses.ROUTER_MAC,
            Packets.udp(client.value(), port, VIP.value(), 80)));
  }

  /** For the switch and for the agent. */
  private void pass(Duration time) {
    ovs.pass(time);
    now += time.toNanos();
    if (!connection.isOpen()) {
      connection.close();
      connect();
    }
  }

  private void awaitClients(Ip... clients) {
    await().atMost(SOON).until(() -> clients().equals(Set.of(clients)));
  }

  private void awaitUsed(Ip client) {
    await().atMost(SOON).until(() -> idle(client).compareTo(Duration.ofMinutes(5)) < 0);
  }

  private Duration idle(Ip client) throws SwitchException {
    return of(client).idle();
  }

  private InstalledFlow of(Ip client) throws SwitchException {
    return learned().stream().filter(flow -> client(flow).equals(client)).findFirst().orElseThrow();
  }

  private Set<Ip> clients() throws SwitchException {
    Set<Ip> clients = new TreeSet<>();
    learned().forEach(flow -> clients.add(client(flow)));
    return clients;
  }

  private static Ip client(InstalledFlow installed) {
    return installed.flow().match().fields().stream()
        .filter(field -> field.field().equals(Field.IPV4_SRC))
        .map(FieldMatch::value)
        .map(Ip::of)
        .findFirst()
        .orElseThrow();
  }

  private List<InstalledFlow> learned() throws SwitchException {
    return connection.dumpFlows(Table.AFFINITY.number());
  }
}
