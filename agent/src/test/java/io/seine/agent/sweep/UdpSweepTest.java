package io.seine.agent.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Probe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UdpSweepTest {
  private static final LocalNode NODE =
      LocalNode.of("n1", Ip.parse("192.0.2.1"), IpPrefix.parse("10.0.1.0/24"), List.of());
  private static final Ip POD = Ip.parse("10.0.1.2");
  private static final Map<Ip, Integer> LOCAL = Map.of(POD, 5, Ip.parse("10.0.1.3"), 6);

  private static final String SENDS =
      "udp,orig=(src=10.0.1.2,dst=10.100.0.10,sport=4000,dport=53),reply=(src=10.0.2.9,dst=10.0.1.2,sport=53,dport=4000),zone=65520,mark=272,labels=0x1";
  private static final String RECEIVES =
      "udp,orig=(src=10.0.2.7,dst=10.0.1.2,sport=4001,dport=53),reply=(src=10.0.1.2,dst=10.0.2.7,sport=53,dport=4001),zone=65520,mark=256";
  private static final String SERVES =
      "udp,orig=(src=10.0.1.3,dst=10.100.0.10,sport=4002,dport=53),reply=(src=10.0.1.2,dst=10.0.1.3,sport=53,dport=4002),zone=65520,mark=16";

  private final List<Integer> ports = new ArrayList<>();
  private final AtomicInteger waits = new AtomicInteger();

  private UdpSweep.Result sweep(String... lines) throws Exception {
    return new UdpSweep(
            NODE,
            line -> List.of(lines).forEach(line),
            (port, actions, frame) -> ports.add(port),
            waits::incrementAndGet)
        .sweep(Set.of(POD), LOCAL);
  }

  @Test
  void connectionsThatThePodOpenedOrAnswersAreAskedAboutEachInItsTurn() throws Exception {
    assertThat(sweep(SENDS, RECEIVES, SERVES)).isEqualTo(new UdpSweep.Result(3, 0));
    assertThat(ports).containsExactly(5, NODE.gatewayPort(), 6);
    assertThat(waits).hasValue(3);
  }

  @Test
  void whatIsNotUdpOrNotThePodsIsLeftAlone() throws Exception {
    assertThat(
            sweep(
                SENDS.replace("udp", "tcp"),
                SENDS.replace("10.0.1.2", "10.0.1.4"),
                "icmp,orig=(src=10.0.1.2,dst=10.0.1.3,id=1,type=8,code=0),reply=(src=10.0.1.3,dst=10.0.1.2,id=1,type=0,code=0),zone=65520",
                "",
                "udp,orig=(src=nonsense,dst=10.0.1.3,sport=1,dport=2),reply=(src=10.0.1.2,dst=1,sport=2,dport=1)"))
        .isEqualTo(new UdpSweep.Result(0, 0));
    assertThat(ports).isEmpty();
  }

  @Test
  void withoutPodsNothingIsRead() throws Exception {
    UdpSweep idle =
        new UdpSweep(
            NODE,
            line -> {
              throw new IOException("read");
            },
            (port, actions, frame) -> ports.add(port),
            waits::incrementAndGet);
    assertThat(idle.sweep(Set.of(), LOCAL)).isEqualTo(new UdpSweep.Result(0, 0));
    assertThatThrownBy(() -> idle.sweep(Set.of(POD), LOCAL)).isInstanceOf(IOException.class);
  }

  @Test
  void aLineIsReadInBothFamilies() {
    assertThat(
            Conversation.of(
                "udp,orig=(src=fd00::2,dst=fd00:100::7,sport=4000,dport=80),reply=(src=fd00::3,dst=fd00::2,sport=8080,dport=4000),zone=65520,mark=16"))
        .hasValue(
            new Conversation(
                new Probe.Ends(Ip.parse("fd00::2"), 4000, Ip.parse("fd00:100::7"), 80),
                Ip.parse("fd00::3")));
  }
}
