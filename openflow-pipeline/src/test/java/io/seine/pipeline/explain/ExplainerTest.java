package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
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
                + " => one hop less to live, → Delivery");
    assertThat(lines(flows))
        .anyMatch(l ->
            l.startsWith("ServiceLB [service/web/front] service/web/front:80/tcp → 3 endpoints"));
  }

  @Test
  void whatTheSwitchLearntSaysWhoKeepsWhat() {
    ServiceFact.Port plain = ExampleCluster.FRONT.ports().getFirst();
    ServiceFact sticky =
        new ServiceFact(
            "web",
            "sticky",
            List.of(
                new ServiceFact.Port(
                    "http",
                    plain.protocol(),
                    plain.family(),
                    80,
                    plain.frontends(),
                    plain.endpoints(),
                    List.of(),
                    OptionalInt.of(600))));
    FlowSet set = ServiceCompiler.compile(sticky, new GroupIds());
    Group group = set.groups().getFirst();
    int bucket = group.buckets().getFirst().id();
    Flow learnt =
        new Flow(
            18,
            200,
            Match.of(
                FieldMatch.exact(Field.ETH_TYPE, 0x0800),
                FieldMatch.exact(Field.REG6, Integer.toUnsignedLong(group.id())),
                FieldMatch.exact(Field.IPV4_SRC, ExampleCluster.B.address().value())),
            List.of(Action.SetField.of(Field.REG7, bucket)));
    List<InstalledFlow> flows = new ArrayList<>();
    set.flows()
        .forEach(f ->
            flows.add(
                new InstalledFlow(f, Cookie.of(Owner.Kind.SERVICE, f), Duration.ZERO, 0, 0, 0, 0)));
    flows.add(
        new InstalledFlow(
            learnt, Cookie.learned(group.id(), bucket, 600), Duration.ZERO, 0, 0, 600, 0));

    List<ExplainedFlow> explained =
        new Explainer(ExampleCluster.names().owned(sticky.owner(), set), set.groups())
            .explain(flows);

    assertThat(explained)
        .filteredOn(f -> f.table().equals("Affinity"))
        .singleElement()
        .satisfies(f -> {
          assertThat(f.intention())
              .isEqualTo(
                  "pod/web/b (10.0.1.3) keeps pod/web/a (10.0.1.2:8080) of service/web/sticky");
          assertThat(f.ownerText()).isEqualTo("service/web/sticky");
          assertThat(f.concerns(sticky.owner())).isTrue();
          assertThat(f.concerns(ExampleCluster.B.owner())).isTrue();
          assertThat(f.actions()).isEqualTo("endpoint:=pod/web/a (10.0.1.2:8080)");
        });
    assertThat(Explainer.fold(explained))
        .filteredOn(f -> f.table().equals("EndpointDnat"))
        .extracting(ExplainedFlow::count)
        .containsExactly(3, 1);
    assertThat(lines(explained))
        .anyMatch(l -> l.contains("remember the client in Affinity for 600 s"));
  }

  @Test
  void aNodesOwnAddressThatAServiceHasTooStaysTheNodes() {
    Ip own = ExampleCluster.NODE.nodeAddress();
    Names names =
        new Names()
            .service(
                new ServiceFact(
                    "web",
                    "own",
                    List.of(
                        new ServiceFact.Port(
                            "http",
                            ServiceFact.Protocol.TCP,
                            own.family(),
                            80,
                            List.of(
                                new ServiceFact.Frontend(
                                    ServiceFact.Kind.EXTERNAL_IP,
                                    own,
                                    80,
                                    Optional.of(Ip.parse("169.254.64.9")),
                                    ServiceFact.Policy.CLUSTER,
                                    ServiceFact.Policy.CLUSTER,
                                    List.of())),
                            List.of(),
                            List.of(),
                            OptionalInt.empty()))))
            .node(ExampleCluster.NODE);
    assertThat(names.of(own)).isEqualTo("this node (192.0.2.1)");
    assertThat(names.of(Ip.parse("169.254.64.9")))
        .isEqualTo("service/web/own (192.0.2.1 as 169.254.64.9)");
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
            "Delivery",
            "Delivery",
            "Snat");
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
        .filteredOn(f -> f.concerns(A) && f.kind().equals(Optional.of(Owner.Kind.SERVICE)))
        .hasSize(1);
    assertThat(flows).filteredOn(f -> f.concerns(ExampleCluster.PEER.owner())).hasSize(4);
  }

  @Test
  void alikeFlowsFoldWithTheirCountsAddedUp() {
    List<ExplainedFlow> folded = Explainer.fold(ExampleCluster.explained());
    assertThat(folded)
        .filteredOn(
            f -> f.table().equals("SourceGuard") && f.kind().equals(Optional.of(Owner.Kind.POD)))
        .singleElement()
        .satisfies(f -> {
          assertThat(f.count()).isEqualTo(2);
          assertThat(f.packets()).isEqualTo(6);
          assertThat(f.owner()).isEmpty();
        });
  }
}
