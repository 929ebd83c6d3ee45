package io.seine.ovsdb;

import static io.seine.ovsdb.OvsFixture.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Daemons killed and started under a running session. */
@Tag("system")
class RestartSystemTest {
  private OvsFixture ovs;

  @BeforeEach
  void start() {
    ovs = new OvsFixture();
  }

  @AfterEach
  void stop() {
    ovs.close();
  }

  @Test
  void afterARestartOfTheServerTheCacheIsFilledAnew() throws Exception {
    // given a pod's port
    ovs.bridge();
    PodPort pod = OvsFixture.pod(20);
    ovs.veth(pod);
    ovs.manager.addPodPort(pod);
    InterfaceRow before = ovs.manager.awaitAttached(pod.name());
    assertThat(ovs.news.poll(10, TimeUnit.SECONDS)).isEqualTo("connected");

    // when the server dies
    ovs.ovs.killOvsdbServer();

    // then it is told, the last state stays to be read, and writing fails in clear words
    assertThat(ovs.news.poll(10, TimeUnit.SECONDS)).isEqualTo("disconnected");
    assertThat(ovs.manager.podPorts()).containsExactly(pod);
    assertThatThrownBy(() -> ovs.manager.addPodPort(OvsFixture.pod(21)))
        .isInstanceOfSatisfying(
            OvsdbException.class,
            e -> assertThat(e.reason()).isEqualTo(OvsdbException.Reason.DISCONNECTED));

    // and when it is back with a change made meanwhile, the cache has that change and the port
    ovs.ovs.startOvsdbServer();
    assertThat(ovs.news.poll(30, TimeUnit.SECONDS)).isEqualTo("connected");
    assertThat(ovs.manager.podPorts()).containsExactly(pod);
    ovs.ovs.vsctl("set", "bridge", "br-int", "external_ids:theirs=1");
    ovs.session
        .cache()
        .await(
            "their change",
            s -> s.bridge("br-int").orElseThrow().externalIds().containsKey("theirs"),
            TIMEOUT);
    ovs.manager.addPodPort(OvsFixture.pod(21));
    assertThat(ovs.manager.awaitAttached(pod.name()).ofport()).isEqualTo(before.ofport());
  }

  @Test
  void afterARestartOfTheSwitchPortsKeepTheirNumbers() {
    // given
    ovs.bridge();
    InterfaceRow gateway =
        ovs.manager.ensurePort(PortSpec.internal("gw0", 2, "0a:58:0a:2a:00:01", 1400));
    PodPort pod = OvsFixture.pod(22);
    ovs.veth(pod);
    ovs.manager.addPodPort(pod);
    InterfaceRow before = ovs.manager.awaitAttached(pod.name());

    // when the switch dies, its rows stay as they were
    ovs.ovs.killVswitchd();
    assertThat(ovs.session.connected()).isTrue();
    assertThat(ovs.snapshot().interfaceNamed(pod.name()).orElseThrow().ofport())
        .isEqualTo(before.ofport());

    // and a port added meanwhile waits, with a clear word for who waits too long
    PodPort late = OvsFixture.pod(23);
    ovs.veth(late);
    ovs.manager.addPodPort(late);
    assertThatThrownBy(
            () -> ovs.session.cache().awaitAttached(late.name(), java.time.Duration.ofMillis(100)))
        .hasMessageContaining("is ovs-vswitchd running");

    // and when it is back, the old numbers are still the ports', and the new port is attached
    ovs.ovs.startVswitchd();
    assertThat(ovs.manager.awaitAttached(late.name()).ofport().getAsInt()).isPositive();
    assertThat(ovs.manager.awaitAttached(pod.name()).ofport()).isEqualTo(before.ofport());
    assertThat(ovs.manager.awaitAttached("gw0").ofport()).isEqualTo(gateway.ofport());
  }

  @Test
  void listenersAreToldAndOneThatFailsDoesNotHinderOthers() {
    List<Snapshot> seen = new CopyOnWriteArrayList<>();
    try (OvsdbCache.Registration bad =
            ovs.session
                .cache()
                .onChange(s -> {
                  throw new IllegalStateException("a listener's bug, made by this test");
                });
        OvsdbCache.Registration good = ovs.session.cache().onChange(seen::add)) {
      ovs.bridge();
      await()
          .until(() ->
              !seen.isEmpty()
                  && seen.getLast().bridge("br-int").flatMap(BridgeRow::datapathId).isPresent());

      // and each saw whole transactions only: a bridge never without the port it was made with
      assertThat(seen)
          .allSatisfy(
              s -> s.bridge("br-int").ifPresent(b -> assertThat(s.portsOf(b)).isNotEmpty()));
      assertThat(bad).isNotSameAs(good);
    }
  }
}
