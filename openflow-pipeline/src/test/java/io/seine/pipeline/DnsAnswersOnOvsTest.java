package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.RealPipeline.Packet;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.policy.PodId;
import io.seine.pipeline.policy.PolicyIndex;
import io.seine.pipeline.policy.Subject;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Which packets to a pod the agent reads before the pod gets them, on a real Open vSwitch. B is a
 * DNS server that is believed, and A the pod whose answers are read.
 */
@Tag("system")
class DnsAnswersOnOvsTest {
  private static final LocalNode NODE = ServiceCases.NODE;
  private static final LocalPod A = ServiceCases.A;
  private static final LocalPod B = ServiceCases.B;
  private static final String READ = "agent " + Bits.of(ToAgent.ANSWER, 1);

  /** Above what shows the test that a packet leaves. */
  private static final int FIRST = 2000;

  private RealPipeline real;

  @BeforeEach
  void install() throws Exception {
    real = new RealPipeline(2, 5, 6);
    real.install(Owner.Kind.BASE, BaseCompiler.compile(NODE));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, A));
    real.install(Owner.Kind.POD, PodCompiler.compile(NODE, B));
    PolicyIndex index = new PolicyIndex();
    PodId pod = new PodId(A.namespace(), A.name());
    index.put(new Subject(pod, A.ofport(), A.addresses(), Optional.empty(), Optional.empty()));
    index.servers(
        Set.of(
            IpPrefix.around(B.addresses().get(0), 32), IpPrefix.around(B.addresses().get(1), 128)));
    index.answersFor(Set.of(pod));
    for (var flows : index.take().values()) {
      for (Flow flow : flows.orElseThrow().compile().flows()) {
        boolean last = flow.table() == Table.OUTPUT.number();
        real.commit(
            new Change.AddFlow(
                new Flow(
                    flow.table(), last ? FIRST : flow.priority(), flow.match(), flow.actions()),
                0));
      }
    }
  }

  @AfterEach
  void close() {
    real.close();
  }

  private static Ip ip(LocalPod pod, Family family) {
    return pod.addresses().get(family == Family.IPV4 ? 0 : 1);
  }

  private static Packet packet(Family family, LocalPod from, int port, LocalPod to, int toPort) {
    return new Packet(
        from.ofport(),
        from.mac(),
        NODE.gatewayMac(),
        ip(from, family),
        port,
        ip(to, family),
        toPort);
  }

  private String fate(Packet packet) throws Exception {
    return real.run(packet).sent().isPresent() ? "passes" : real.run(packet).toString();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void anAnswerOfABelievedServerIsRead(Family family) throws Exception {
    assertThat(fate(packet(family, A, 4000, B, 53))).isEqualTo("passes");

    assertThat(fate(packet(family, B, 53, A, 4000))).isEqualTo(READ);
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void whatThePodDidNotAskForIsNot(Family family) throws Exception {
    assertThat(fate(packet(family, B, 53, A, 4000))).as("opened by the server").isEqualTo("passes");

    assertThat(fate(packet(family, A, 5000, B, 54))).isEqualTo("passes");
    assertThat(fate(packet(family, B, 54, A, 5000))).as("of another port").isEqualTo("passes");

    assertThat(fate(packet(family, B, 6000, A, 53))).isEqualTo("passes");
    assertThat(fate(packet(family, A, 53, B, 6000))).as("of another server").isEqualTo("passes");
    assertThat(fate(packet(family, B, 6000, A, 53))).as("of a client").isEqualTo("passes");
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void anAnswerWithinADeniedConnectionIsDropped(Family family) throws Exception {
    assertThat(fate(packet(family, A, 4000, B, 53))).isEqualTo("passes");
    assertThat(fate(packet(family, B, 53, A, 4000))).isEqualTo(READ);
    Flow denial =
        Rule.in(Table.EGRESS_POLICY, Gates.JUDGED)
            .port(A.ofport())
            .ip(family)
            .protocol(Protocol.UDP)
            .when(FieldMatch.exact(Field.UDP_DST, 53))
            .then(
                Registers.EGRESS_RULE.set(0x99),
                Registers.LABELLED.set(1),
                Registers.DENIED.set(1),
                Rule.goTo(Table.COMMIT));
    real.commit(new Change.AddFlow(denial, 0));

    assertThat(fate(packet(family, A, 4000, B, 53))).isEqualTo("dropped");
    assertThat(fate(packet(family, B, 53, A, 4000))).isEqualTo("dropped");
  }
}
