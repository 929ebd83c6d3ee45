package io.seine.pipeline.explain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.Ports;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import io.seine.pipeline.explain.Trace.Leaves;
import io.seine.pipeline.explain.Trace.Stage;
import io.seine.pipeline.explain.Trace.ToAgent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On what Open vSwitch 3.1.0 and 3.5.0 printed, in {@code golden/trace}. */
class TraceTest {
  private static final int TOLD = 3;

  private static Trace golden(String name) {
    String resource = "/golden/trace/" + name + ".txt";
    try (InputStream in =
        Objects.requireNonNull(TraceTest.class.getResourceAsStream(resource), resource)) {
      return Trace.parse(new String(in.readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> tables(Trace trace) {
    return trace.stages().stream().map(Stage::table).toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void aPacketThatConnectionTrackingGivesBackTwiceLeavesByTheTunnel(String release) {
    Trace trace = golden("allowed-" + release);
    assertThat(trace.passes()).hasSize(3);
    assertThat(tables(trace)).containsExactly(0, 11, 12, 17, 20, 21, 22, 24, 30, 50, 60);
    assertThat(trace.verdict())
        .isEqualTo(new Leaves(new Trace.Send(1, ""), Optional.of(Ip.parse("172.31.0.2"))));
    assertThat(trace.passes().get(1).datapathActions())
        .startsWith(
            "set(ipv4(ttl=63)),ct(commit,zone=65520,label=0x6400000000/0xffffffffffffffff),recirc(");
    assertThat(trace.passes().get(2).packet()).containsEntry("ct_label", "0x6400000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void eachTableSaysWhichFlowMatchedAndWhatItDid(String release) {
    Trace trace = golden("allowed-" + release);
    Stage classifier = trace.in(Table.CLASSIFIER).orElseThrow();
    assertThat(classifier.match()).isEqualTo("ip,in_port=2");
    assertThat(classifier.priority()).hasValue(200);
    assertThat(classifier.cookie()).isEqualTo(0x5e11000000000001L);
    assertThat(classifier.actions()).containsExactly("set_field:0x3/0xf->reg0", "goto_table:11");
    assertThat(trace.in(Table.SERVICE_LB).orElseThrow().match()).isEmpty();
    assertThat(trace.in(Table.AFFINITY)).isEmpty();
    assertThat(trace.value(Registers.OUTPUT_PORT)).isEqualTo(1);
    assertThat(trace.value(Registers.SOURCE)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void aTableThatIsOnlyAskedIsDeeperAndWhatFollowsBelongsToTheAsker(String release) {
    Trace trace = golden("allowed-" + release);
    List<Stage> asked = trace.stages().stream().filter(s -> s.depth() > 0).toList();
    assertThat(asked).extracting(Stage::table).containsExactly(21, 22);
    assertThat(asked.get(0).actions()).containsExactly("set_field:0x7->reg4");
    assertThat(asked.get(1).priority()).isEmpty();
    assertThat(asked.get(1).actions()).containsExactly("drop");
    assertThat(
            trace.stages().stream()
                .filter(s -> s.table() == 20)
                .findFirst()
                .orElseThrow()
                .actions())
        .containsExactly(
            "set_field:0->reg4",
            "set_field:0->reg5",
            "resubmit(,21)",
            "resubmit(,22)",
            "goto_table:24");
  }

  @Test
  void aConjunctionHasItsNumberAndItsClausesWhereTheSwitchTellsThem() {
    Stage older = stage(golden("allowed-3.1"), 24);
    Stage newer = stage(golden("allowed-3.5"), 24);
    assertThat(older.conjunction()).hasValue(5);
    assertThat(newer.conjunction()).hasValue(5);
    assertThat(older.clauses()).isEmpty();
    assertThat(newer.clauses())
        .containsExactly(
            "priority=100,in_port=2", "priority=100,reg4=0x7", "priority=100,tcp,tp_dst=80");
    assertThat(newer.actions()).isEqualTo(older.actions());
  }

  private static Stage stage(Trace trace, int table) {
    return trace.stages().stream().filter(s -> s.table() == table).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void aPacketThatAFlowDropsIsDroppedThere(String release) {
    Trace trace = golden("denied-" + release);
    assertThat(trace.verdict())
        .isInstanceOfSatisfying(
            Trace.Dropped.class,
            dropped -> {
              assertThat(dropped.at().table()).isEqualTo(50);
              assertThat(dropped.at().priority()).hasValue(200);
            });
    assertThat(stage(trace, 24).conjunction()).hasValue(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void whatIsRecordedAndGoesNoFurtherIsDropped(String release) {
    assertThat(golden("recorded-and-dropped-" + release).verdict())
        .isInstanceOf(Trace.Dropped.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void aServicesEndpointIsInTheNextPass(String release) {
    Trace trace = golden("service-" + release);
    assertThat(stage(trace, 17).actions()).contains("group:7", "nat(dst=10.0.2.9:80)");
    assertThat(trace.passes().get(2).packet())
        .containsEntry("nw_dst", "10.0.2.9")
        .containsEntry("tp_dst", "80")
        .containsEntry("ct_mark", "0x10");
    assertThat(trace.verdict())
        .isEqualTo(new Leaves(new Trace.Send(1, ""), Optional.of(Ip.parse("172.31.0.2"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void whatTheAgentGetsIsNotDropped(String release) {
    assertThat(golden("refused-" + release).verdict()).isEqualTo(new ToAgent(Bits.of(1, 1)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void whatTheAgentIsOnlyToldOfHasAFateOfItsOwn(String release) {
    Trace trace = golden("told-" + release);
    assertThat(trace.told()).containsExactly(Bits.of(0x030001, 3));
    assertThat(trace.verdict()).isInstanceOf(ToAgent.class);
    assertThat(trace.verdict(TOLD)).isInstanceOf(Trace.Dropped.class);
    assertThat(tables(trace)).containsExactly(0, 23, 23, 24, 30);
    assertThat(trace.stages().get(1).actions())
        .containsExactly(
            "controller(userdata=03.00.01,meter_id=1)",
            "set_field:0x2000/0x2000->reg0",
            "resubmit(,23)");
    assertThat(trace.stages().get(0).actions())
        .containsExactly("resubmit(,23)", "note:01.02.00.00.00.00");
    assertThat(trace.noted()).containsExactly(Bits.of(0x010200000000L, 6));
  }

  @ParameterizedTest
  @ValueSource(strings = {"3.1", "3.5"})
  void aPacketMayGoBackOrToAPortThatIsNotThere(String release) {
    assertThat(golden("back-" + release).verdict())
        .isEqualTo(new Leaves(new Trace.Send(Ports.IN_PORT, ""), Optional.empty()));
    assertThat(golden("nowhere-" + release).verdict())
        .isEqualTo(new Leaves(new Trace.Send(153, "Nonexistent output port"), Optional.empty()));
  }

  @Test
  void aPacketThatTheSwitchGivesUpOnIsDropped() {
    Trace trace = golden("loop-3.1");
    assertThat(trace.verdict()).isInstanceOf(Trace.Dropped.class);
    assertThat(trace.passes().getLast().remarks())
        .containsExactly("Translation failed (Recursion too deep), packet is dropped.");
  }

  @Test
  void tracesOfASandboxGoToItsPodsNodesAndGateway() {
    assertThat(golden("sandbox-from-tunnel-3.1").verdict())
        .isEqualTo(new Leaves(new Trace.Send(3, ""), Optional.empty()));
    assertThat(golden("sandbox-gateway-3.1").verdict())
        .isEqualTo(new Leaves(new Trace.Send(2, ""), Optional.empty()));
    assertThat(golden("sandbox-tunnel-3.1").verdict())
        .isEqualTo(new Leaves(new Trace.Send(1, ""), Optional.of(Ip.parse("172.31.200.12"))));
    Trace service = golden("sandbox-service-3.1");
    assertThat(service.verdict())
        .isEqualTo(new Leaves(new Trace.Send(1, ""), Optional.of(Ip.parse("172.31.200.12"))));
    assertThat(service.passes().getLast().stages().getLast().bridge()).isEqualTo("br-underlay");
    assertThat(service.last().table()).isEqualTo(60);
  }

  @Test
  void whatIsNoTraceIsRefused() {
    assertThatThrownBy(() -> Trace.parse("Bad openflow flow syntax: bogus=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bogus=1");
  }

  @Test
  void theTracerAsksForThePacketAsTheSwitchWritesIt() throws IOException {
    List<List<String>> asked = new ArrayList<>();
    Tracer tracer =
        new Tracer(
            "br-int",
            (command, arguments) -> {
              List<String> call = new ArrayList<>(List.of(command));
              call.addAll(List.of(arguments));
              asked.add(call);
              return "Flow: ip\n\nbridge(\"br-int\")\n---\n 0. priority 0\n    drop\n\n"
                  + "Final flow: unchanged\nMegaflow: ip\nDatapath actions: drop";
            });
    TracedPacket packet =
        new TracedPacket(
            4,
            Mac.parse("0a:58:0a:f4:00:02"),
            Mac.parse("0a:58:0a:f4:00:01"),
            Ip.parse("10.244.0.2"),
            Ip.parse("10.244.1.2"),
            new TracedPacket.Ports(Protocol.TCP, 40000, 80));
    assertThat(tracer.trace(packet).verdict()).isInstanceOf(Trace.Dropped.class);
    tracer.trace("in_port=1,icmp", List.of("trk,est"));
    assertThat(asked)
        .containsExactly(
            List.of(
                "ofproto/trace",
                "br-int",
                "in_port=4,dl_src=0a:58:0a:f4:00:02,dl_dst=0a:58:0a:f4:00:01,dp_hash=1,tcp,"
                    + "nw_src=10.244.0.2,nw_dst=10.244.1.2,nw_ttl=64,tcp_src=40000,tcp_dst=80,"
                    + "tcp_flags=syn"),
            List.of("ofproto/trace", "br-int", "in_port=1,icmp", "--ct-next", "trk,est"));
    assertThat(
            new TracedPacket(
                    4,
                    Mac.parse("0a:58:0a:f4:00:02"),
                    Mac.parse("0a:58:0a:f4:00:01"),
                    Ip.parse("fd00::2"),
                    Ip.parse("fd00::1:2"),
                    new TracedPacket.Ping())
                .by(1, new TracedPacket.Tunnel(Ip.parse("172.31.0.1"), Ip.parse("172.31.0.2")))
                .text())
        .isEqualTo(
            "in_port=1,dl_src=0a:58:0a:f4:00:02,dl_dst=0a:58:0a:f4:00:01,tun_src=172.31.0.1,"
                + "tun_dst=172.31.0.2,dp_hash=1,icmp6,ipv6_src=fd00::2,ipv6_dst=fd00::1:2,"
                + "nw_ttl=64,icmpv6_type=128,icmpv6_code=0");
  }
}
