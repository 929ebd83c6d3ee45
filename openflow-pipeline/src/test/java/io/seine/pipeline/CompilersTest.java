package io.seine.pipeline;

import static io.seine.pipeline.LifeOfAPacketTest.A;
import static io.seine.pipeline.LifeOfAPacketTest.NODE;
import static io.seine.pipeline.LifeOfAPacketTest.PEER;
import static io.seine.pipeline.LifeOfAPacketTest.VIP;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The compilers' output as text, in src/test/resources/golden. */
class CompilersTest {
  private static void golden(String name, FlowSet set) {
    String text = Golden.text(set);
    assertThat(text).doesNotContainIgnoringCase("normal", "flood");
    Golden.compare(Path.of("src/test/resources/golden", name + ".txt"), text);
  }

  @Test
  void base() {
    golden("base", BaseCompiler.compile(NODE));
  }

  @Test
  void node() {
    golden("node", NodeCompiler.compile(NODE, PEER));
  }

  @Test
  void pod() {
    golden("pod", PodCompiler.compile(NODE, A));
  }

  @Test
  void service() {
    golden(
        "service",
        ServiceCompiler.compile(
            LifeOfAPacketTest.service(VIP, "10.0.1.2", "10.0.2.9"), new GroupIds()));
  }

  @Test
  void serviceWithoutEndpoints() {
    golden(
        "service-without-endpoints",
        ServiceCompiler.compile(LifeOfAPacketTest.service(VIP), new GroupIds()));
  }

  @Test
  void bothFamilies() {
    golden("dual-stack/base", BaseCompiler.compile(ServiceCases.NODE));
    golden("dual-stack/node", NodeCompiler.compile(ServiceCases.NODE, ServiceCases.PEER));
    golden("dual-stack/pod", PodCompiler.compile(ServiceCases.NODE, ServiceCases.A));
  }

  @Test
  void aFamilyThatTheNodeHasNotIsNotCompiled() {
    FlowSet peer = NodeCompiler.compile(NODE, ServiceCases.PEER);
    assertThat(Golden.text(peer)).doesNotContain("ipv6", "fd00");
    assertThat(Golden.text(BaseCompiler.compile(NODE))).doesNotContain("ipv6", "icmp6");
  }

  @Test
  void endpointsInAnotherOrderAreTheSameService() {
    assertThat(
            ServiceCompiler.compile(
                LifeOfAPacketTest.service(VIP, "10.0.2.9", "10.0.1.2", "10.0.2.9"), new GroupIds()))
        .isEqualTo(
            ServiceCompiler.compile(
                LifeOfAPacketTest.service(VIP, "10.0.1.2", "10.0.2.9"), new GroupIds()));
  }

  @Test
  void fingerprintsAreTheSameInEveryRun() {
    Flow flow = new Flow(30, 200, Match.ANY, List.of());
    assertThat(Fingerprint.of(flow)).isEqualTo(FLOW_PRINT);
    assertThat(Fingerprint.of("web/front/TCP/80")).isEqualTo(NAME_PRINT);
    assertThat(Cookie.fits(Cookie.of(Owner.Kind.POD, flow), flow)).isTrue();
    assertThat(Cookie.fits(Cookie.of(Owner.Kind.POD, flow) ^ 1, flow)).isFalse();
    assertThat(Cookie.kind(Cookie.of(Owner.Kind.POD, flow))).contains(Owner.Kind.POD);
    assertThat(Cookie.kind(0)).isEmpty();
  }

  private static final long FLOW_PRINT = 725438343260132650L;
  private static final long NAME_PRINT = -1086379267255380326L;

  @Test
  void groupIdsAreStableAndNeverShared() {
    GroupIds ids = new GroupIds();
    int id = ids.idOf("a", 1);
    assertThat(ids.idOf("a", 1)).isEqualTo(id);
    assertThat(new GroupIds().idOf("a", 1)).isEqualTo(id);

    // The switch says that the flow used the next id: there was a collision before the restart.
    GroupIds restarted = new GroupIds();
    restarted.adopt(1, id + 1);
    assertThat(restarted.idOf("a", 1)).isEqualTo(id + 1);
    assertThat(restarted.idOf("a", 1)).isEqualTo(id + 1);
    restarted.release(id + 1);
    assertThat(restarted.idOf("a", 1)).isEqualTo(id);

    GroupIds misled = new GroupIds();
    misled.adopt(1, 4711);
    assertThat(misled.idOf("a", 1)).isEqualTo(id);
  }

  @Test
  void macsComeFromAddresses() {
    assertThat(Addresses.macOf(Ip.parse("10.0.1.2"))).hasToString("0a:58:0a:00:01:02");
  }
}
