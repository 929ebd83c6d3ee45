package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Flow;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Match;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainerTest {
  private static final Owner A = ExampleCluster.A.owner();

  private static List<String> lines(List<ExplainedFlow> flows) {
    return flows.stream()
        .map(f ->
            "%s [%s] %s: %s => %s"
                .formatted(f.table(), f.ownerText(), f.intention(), f.match(), f.actions()))
        .toList();
  }

  @Test
  void flowsSpeakOfPodsServicesAndNodes() {
    List<ExplainedFlow> flows = ExampleCluster.explained();
    lines(flows).forEach(l -> assertThat(l).doesNotContain("reg0", "reg1["));
    assertThat(lines(flows))
        .contains(
            "SourceGuard [pod/web/a] pod/web/a sends as itself:"
                + " ip, from pod/web/a, eth_src=pod/web/a, nw_src=pod/web/a (10.0.1.2)"
                + " => → UnSnat",
            "Classifier [base] what comes from tunnel: ip, from tunnel"
                + " => source:=tunnel, → SourceGuard",
            "Routing [node/n2] to pods of node/n2 (10.0.2.0/24):"
                + " ip, nw_dst=pods of node/n2 (10.0.2.0/24)"
                + " => eth_src:=gateway, eth_dst:=router,"
                + " tun_dst:=node/n2 (192.0.2.2), destination:=tunnel, → Ttl",
            "Ttl [base] a hop: ip, source=pod, destination=tunnel"
                + " => one hop less to live, → Snat");
    assertThat(lines(flows))
        .anyMatch(l ->
            l.startsWith("ServiceLB [service/web/front] service/web/front:80/tcp → 3 endpoints"));
  }

  @Test
  void whatSeineDidNotWriteIsForeign() {
    Flow flow = new Flow(30, 7, Match.ANY, List.of());
    ExplainedFlow explained =
        new Explainer(ExampleCluster.names(), List.of())
            .explain(new InstalledFlow(flow, 0, Duration.ZERO, 0, 0, 0, 0));
    assertThat(explained.ownerText()).isEqualTo("foreign");
    assertThat(explained.intention()).isEqualTo("not written by Seine");
  }

  @Test
  void whatSomeoneChangedIsAltered() {
    InstalledFlow written = ExampleCluster.flows().getFirst();
    Flow changed = new Flow(written.flow().table(), 9999, written.flow().match(), List.of());
    ExplainedFlow explained =
        new Explainer(ExampleCluster.names(), List.of())
            .explain(new InstalledFlow(changed, written.cookie(), Duration.ZERO, 0, 0, 0, 0));
    assertThat(explained.ownerText()).isEqualTo("altered");
  }

  @Test
  void allThatAPodHasConcernsItEvenWhenOnlyThePodsOfTheNodeHaveNames() {
    Names local = new Names().pod(ExampleCluster.A).pod(ExampleCluster.B).port(2, "gw0");
    List<ExplainedFlow> flows =
        new Explainer(local, ExampleCluster.groups()).explain(ExampleCluster.flows());
    assertThat(flows)
        .filteredOn(f -> f.concerns(A))
        .extracting(ExplainedFlow::table)
        .containsExactly(
            "Classifier",
            "Classifier",
            "ArpGuard",
            "ArpGuard",
            "ArpResponder",
            "SourceGuard",
            "ServiceLB",
            "Routing",
            "Routing",
            "Routing",
            "Snat",
            "Delivery",
            "Delivery");
    assertThat(flows).anyMatch(f -> f.intention().equals("what comes from gw0"));
  }

  @Test
  void aPodOfAnotherNodeIsConcernedByTheServiceThatItServes() {
    assertThat(ExampleCluster.explained())
        .filteredOn(f -> f.concerns(ExampleCluster.C))
        .singleElement()
        .satisfies(f ->
            assertThat(f.group().orElseThrow().endpoints())
                .extracting(ExplainedGroup.Endpoint::target)
                .containsExactly(
                    "pod/web/a (10.0.1.2:8080)",
                    "pod/web/b (10.0.1.3:8080)",
                    "pod/web/c (10.0.2.9:8080)"));
  }

  @Test
  void aFlowConcernsItsOwnerAndWhomItMentions() {
    List<ExplainedFlow> flows = ExampleCluster.explained();
    assertThat(flows)
        .filteredOn(
            f -> f.concerns(A) && f.kind().equals(java.util.Optional.of(Owner.Kind.SERVICE)))
        .hasSize(1);
    assertThat(flows).filteredOn(f -> f.concerns(ExampleCluster.PEER.owner())).hasSize(4);
  }

  @Test
  void alikeFlowsFoldWithTheirCountsAddedUp() {
    List<ExplainedFlow> folded = Explainer.fold(ExampleCluster.explained());
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
