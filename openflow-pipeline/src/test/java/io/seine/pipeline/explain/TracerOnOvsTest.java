package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.OvsRelease;
import io.seine.pipeline.ServiceFact.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("system")
class TracerOnOvsTest {
  private static final String BRIDGE = "trace0";

  static List<OvsRelease> releases() {
    return OvsRelease.available();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void aSwitchIsAskedOfPacketsOfAllKinds(OvsRelease release) throws IOException {
    try (OvsInstance ovs = OvsInstance.start(release)) {
      ovs.addBridge(BRIDGE);
      flow(ovs, "table=0,priority=1,ip,in_port=7,actions=ct(table=12,zone=65520)");
      flow(ovs, "table=0,priority=1,ipv6,in_port=7,actions=ct(table=12,zone=65520)");
      flow(
          ovs,
          "table=12,priority=9,ct_state=+new+trk,tcp,tp_dst=80,actions=set_field:9->reg1,goto_table:24");
      flow(ovs, "table=12,priority=8,ct_state=+new+trk,sctp6,tp_dst=81,actions=LOCAL");
      flow(ovs, "table=12,priority=8,ct_state=+new+trk,icmp,icmp_type=8,actions=LOCAL");
      flow(ovs, "table=12,priority=8,ct_state=+new+trk,ip,nw_proto=47,actions=LOCAL");
      flow(ovs, "table=24,priority=5,in_port=7,actions=conjunction(3,1/2)");
      flow(ovs, "table=24,priority=5,ip,nw_dst=10.0.0.0/24,actions=conjunction(3,2/2)");
      flow(ovs, "table=24,priority=5,conj_id=3,ip,actions=set_field:11->reg2,IN_PORT");
      Tracer tracer = new Tracer(BRIDGE, (command, arguments) -> appctl(ovs, command, arguments));

      Trace allowed = tracer.trace(packet("10.0.0.9", tcp(80)));
      Trace denied = tracer.trace(packet("10.0.1.9", tcp(80)));

      assertThat(allowed.verdict()).isInstanceOf(Trace.Leaves.class);
      assertThat(allowed.last().conjunction()).hasValue(3);
      assertThat(allowed.passes().getLast().left()).containsEntry("reg2", "0xb");
      assertThat(denied.verdict())
          .isInstanceOfSatisfying(
              Trace.Dropped.class,
              dropped -> {
                assertThat(dropped.at().table()).isEqualTo(24);
                assertThat(dropped.at().priority()).isEmpty();
              });
      for (TracedPacket packet :
          List.of(
              packet("10.0.0.9", new TracedPacket.Ping()),
              packet("10.0.0.9", new TracedPacket.Other(47)),
              packet("fd00::9", new TracedPacket.Ports(Protocol.SCTP, 4000, 81)))) {
        assertThat(tracer.trace(packet).verdict())
            .as(packet.text())
            .isInstanceOf(Trace.Leaves.class);
      }
      assertThatThrownBy(() -> tracer.trace("nonsense=1", List.of()))
          .isInstanceOf(IOException.class);
    }
  }

  private static TracedPacket.Ports tcp(int port) {
    return new TracedPacket.Ports(Protocol.TCP, 4000, port);
  }

  private static TracedPacket packet(String to, TracedPacket.Payload payload) {
    return new TracedPacket(
        7,
        Mac.parse("02:00:00:00:00:01"),
        Mac.parse("02:00:00:00:00:02"),
        Ip.parse(to.contains(":") ? "fd00::1" : "10.0.0.1"),
        Ip.parse(to),
        payload);
  }

  private static void flow(OvsInstance ovs, String flow) {
    ovs.ofctl("add-flow", ovs.mgmt(BRIDGE).toString(), flow);
  }

  private static String appctl(OvsInstance ovs, String command, String... arguments)
      throws IOException {
    List<String> call = new ArrayList<>(List.of(command));
    call.addAll(List.of(arguments));
    try {
      return ovs.appctl(call.toArray(String[]::new));
    } catch (RuntimeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
