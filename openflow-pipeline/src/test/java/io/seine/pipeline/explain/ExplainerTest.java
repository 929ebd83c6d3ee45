package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ipv4;
import io.seine.openflow.Ipv4Prefix;
import io.seine.openflow.Match;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.BaseCompiler;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.PodCompiler;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainerTest {
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ipv4.parse("192.0.2.1"),
          Ipv4Prefix.parse("10.0.1.0/24"),
          List.of(Ipv4Prefix.parse("10.100.0.0/16")));
  private static final PeerNode PEER =
      new PeerNode("n2", Ipv4.parse("192.0.2.2"), Ipv4Prefix.parse("10.0.2.0/24"));
  private static final LocalPod A = pod("a", "10.0.1.2", 5);
  private static final LocalPod B = pod("b", "10.0.1.3", 6);
  private static final ServiceFact FRONT =
      new ServiceFact(
          "web",
          "front",
          List.of(
              new ServiceFact.Port(
                  "http",
                  ServiceFact.Protocol.TCP,
                  80,
                  List.of(Ipv4.parse("10.100.0.7")),
                  List.of(
                      new ServiceFact.Endpoint(A.address(), 8080),
                      new ServiceFact.Endpoint(B.address(), 8080)))));

  private static LocalPod pod(String name, String address, int ofport) {
    Ipv4 ip = Ipv4.parse(address);
    return new LocalPod("web", name, ip, Addresses.macOf(ip), ofport);
  }

  private final List<InstalledFlow> installed = new ArrayList<>();
  private final Names names = new Names().node(NODE).peer(PEER).pod(A).pod(B).service(FRONT);
  private final FlowSet service = ServiceCompiler.compile(FRONT, new GroupIds());

  private List<ExplainedFlow> explainAll() {
    install(new Owner.Base(), BaseCompiler.compile(NODE));
    install(PEER.owner(), NodeCompiler.compile(NODE, PEER));
    install(A.owner(), PodCompiler.compile(NODE, A));
    install(B.owner(), PodCompiler.compile(NODE, B));
    install(FRONT.owner(), service);
    return new Explainer(names, service.groups()).explain(installed);
  }

  private void install(Owner owner, FlowSet set) {
    for (Flow flow : set.flows()) {
      installed.add(
          new InstalledFlow(
              flow, Cookie.of(owner.kind(), flow), Duration.ofSeconds(9), 3, 300, 0, 0));
    }
  }

  private static List<String> lines(List<ExplainedFlow> flows) {
    return flows.stream()
        .map(f ->
            "%s [%s] %s: %s => %s"
                .formatted(f.table(), f.ownerText(), f.intention(), f.match(), f.actions()))
        .toList();
  }

  @Test
  void flowsSpeakOfPodsServicesAndNodes() {
    List<ExplainedFlow> flows = explainAll();
    lines(flows).forEach(l -> assertThat(l).doesNotContain("reg0", "reg1["));
    assertThat(lines(flows))
        .contains(
            "SourceGuard [pod/web/a] pod/web/a sends as itself:"
                + " ip,dl_src=0a:58:0a:00:01:02, from pod/web/a, nw_src=pod/web/a (10.0.1.2)"
                + " => → UnSnat",
            "Classifier [base] what comes from tunnel: ip, from tunnel"
                + " => source:=tunnel, → SourceGuard",
            "Routing [node/n2] to pods of node/n2 (10.0.2.0/24):"
                + " ip, nw_dst=pods of node/n2 (10.0.2.0/24)"
                + " => set_field:0a:58:0a:00:01:01->eth_src, set_field:0a:5e:00:00:00:01->eth_dst,"
                + " tun_dst:=node/n2 (192.0.2.2), destination:=tunnel, → Ttl",
            "Ttl [base] a hop: ip, source=pod, destination=tunnel"
                + " => one hop less to live, → Snat");
    assertThat(lines(flows))
        .anyMatch(l ->
            l.startsWith("ServiceLB [service/web/front] service/web/front:80/tcp → 2 endpoints"));
  }

  @Test
  void whatSeineDidNotWriteIsForeign() {
    Flow flow = new Flow(30, 7, Match.ANY, List.of());
    ExplainedFlow explained =
        new Explainer(names, List.of())
            .explain(new InstalledFlow(flow, 0, Duration.ZERO, 0, 0, 0, 0));
    assertThat(explained.ownerText()).isEqualTo("foreign");
    assertThat(explained.intention()).isEqualTo("not written by Seine");
  }

  @Test
  void aFlowConcernsItsOwnerAndWhomItMentions() {
    List<ExplainedFlow> flows = explainAll();
    assertThat(flows)
        .filteredOn(f ->
            f.concerns(A.owner()) && f.kind().equals(java.util.Optional.of(Owner.Kind.SERVICE)))
        .hasSize(1);
    assertThat(flows).filteredOn(f -> f.concerns(PEER.owner())).hasSize(2);
  }

  @Test
  void alikeFlowsFoldWithTheirCountsAddedUp() {
    List<ExplainedFlow> folded = Explainer.fold(explainAll());
    assertThat(folded)
        .filteredOn(f ->
            f.table().equals("SourceGuard")
                && f.kind().equals(java.util.Optional.of(Owner.Kind.POD)))
        .singleElement()
        .satisfies(f -> {
          assertThat(f.count()).isEqualTo(2);
          assertThat(f.packets()).isEqualTo(6);
          assertThat(f.owner()).isEmpty();
        });
  }
}
