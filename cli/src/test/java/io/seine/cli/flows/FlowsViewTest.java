package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.NodeCompiler;
import io.seine.pipeline.Owner;
import io.seine.pipeline.PeerNode;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.explain.ExplainedFlow;
import io.seine.pipeline.explain.Explainer;
import io.seine.pipeline.explain.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FlowsViewTest {
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final ServiceFact FRONT =
      new ServiceFact(
          "web",
          "front",
          List.of(
              ServiceFact.Port.clusterIp(
                  "",
                  ServiceFact.Protocol.TCP,
                  80,
                  List.of(Ip.parse("10.100.0.7")),
                  List.of(new ServiceFact.Endpoint(Ip.parse("10.0.2.9"), 8080)))));
  private static final FlowSet SERVICE = ServiceCompiler.compile(FRONT, new GroupIds());

  /** Two flows for each of three peer nodes, and one for the service with an endpoint on one. */
  private static FlowsView view(Set<Owner> asked) {
    Names names =
        new Names().node(NODE).service(FRONT).pod(new Owner.Pod("web", "c"), Ip.parse("10.0.2.9"));
    List<InstalledFlow> flows = new ArrayList<>(installed(FRONT.owner(), SERVICE));
    for (int i = 2; i <= 4; i++) {
      PeerNode peer =
          new PeerNode("n" + i, Ip.parse("192.0.2." + i), IpPrefix.parse("10.0." + i + ".0/24"));
      names.peer(peer);
      flows.addAll(installed(peer.owner(), NodeCompiler.compile(NODE, peer)));
    }
    List<ExplainedFlow> explained = new Explainer(names, SERVICE.groups()).explain(flows);
    return new FlowsView(
        "n1",
        explained.stream().filter(f -> asked.stream().allMatch(f::concerns)).toList(),
        explained.size(),
        SERVICE.groups().size());
  }

  private static List<InstalledFlow> installed(Owner owner, FlowSet set) {
    return set.flows().stream()
        .map(flow ->
            new InstalledFlow(
                flow, Cookie.of(owner.kind(), flow), Duration.ofMillis(1500), 3, 300, 0, 0))
        .toList();
  }

  @Test
  void withoutAFilterAlikeFlowsAreFoldedAndTheHeaderCountsAll() {
    assertThat(String.join("\n", view(Set.of()).lines(false, false, Set.of())))
        .isEqualTo(
            """
            n1: 13 flows, 1 group; ( x2 ) stands for two flows that differ only in whom they are for, of which the first is shown (--expand: all)

            SourceGuard (5)
              200  node/n2 sends as itself  ( x3 )
                     ip, from tunnel, nw_src=pods of the node (10.0.2.0/24), tun_src=the node (192.0.2.2) → UnSnat

            ServiceLB (17)
              200  service/web/front:80/tcp → 1 endpoint
                     tcp,tp_dst=80, nw_dst=the service (10.100.0.7) ⇒ one of 1 endpoint (group 3510239324)

            Routing (30)
              185  pods make no tunnels: node/n2 (192.0.2.2)  ( x3 )
                     udp,tp_dst=4789, nw_dst=the node (192.0.2.2), source=pod ⇒ drop
              185  pods make no tunnels: node/n2 (192.0.2.2)  ( x3 )
                     udp,tp_dst=6081, nw_dst=the node (192.0.2.2), source=pod ⇒ drop
              180  to pods of node/n2 (10.0.2.0/24)  ( x3 )
                     ip, nw_dst=pods of the node (10.0.2.0/24) ⇒ eth_src:=gateway, eth_dst:=router, tun_dst:=the node (192.0.2.2), destination:=tunnel, → Ttl\
            """);
    assertThat(view(Set.of()).lines(false, true, Set.of()))
        .hasSize(1 + 3 * 2 + 13 * 2)
        .doesNotContain("( x");
  }

  @Test
  void whoeverIsAskedForIsShownWithoutFolding() {
    Set<Owner> asked = Set.of(FRONT.owner());
    assertThat(String.join("\n", view(asked).lines(true, false, asked)))
        .isEqualTo(
            """
            n1: 1 of 13 flows, 1 group concern service/web/front

            ServiceLB (17)
              200  service/web/front:80/tcp → 1 endpoint  [3 packets, 300 bytes, 1 s old]
                     tcp,tp_dst=80, nw_dst=the service (10.100.0.7) ⇒ one of 1 endpoint (group 3510239324)
                       100.0 %  pod/web/c (10.0.2.9:8080)\
            """);
  }

  @Test
  void rawIsWhatTheSwitchsOwnToolPrints() {
    Set<Owner> asked = Set.of(FRONT.owner());
    assertThat(view(asked).rawLines(false)).hasSize(2);
    assertThat(view(asked).rawLines(false).getFirst())
        .matches(
            " cookie=0x5e14[0-9a-f]{12}, table=17, priority=200,tcp,nw_dst=10\\.100\\.0\\.7,"
                + "tp_dst=80 actions=group:3510239324");
    assertThat(view(asked).rawLines(true).getFirst())
        .contains("duration=1.500s, table=17, n_packets=3, n_bytes=300, priority=200,tcp");
    assertThat(view(asked).rawLines(false).getLast())
        .startsWith(" group_id=3510239324,type=select");
  }

  @Test
  void programsGetTheSameFieldsForEveryFlow() {
    List<Map<String, Object>> objects = FlowJson.of("n1", view(Set.of()).shown());
    assertThat(objects).hasSize(13);
    List<String> fields =
        List.of(
            "node",
            "table",
            "tableName",
            "priority",
            "owner",
            "intention",
            "match",
            "actions",
            "concerns",
            "packets",
            "bytes",
            "ageSeconds",
            "cookie",
            "raw");
    IntStream.range(0, 7)
        .forEach(i -> assertThat(objects.get(i)).containsKeys(fields.toArray(String[]::new)));
    Map<String, Object> service =
        objects.stream()
            .filter(o -> Integer.valueOf(17).equals(o.get("table")))
            .findFirst()
            .orElseThrow();
    assertThat(service)
        .containsEntry("owner", "service/web/front")
        .containsEntry("concerns", List.of("pod/web/c", "service/web/front"))
        .containsEntry("ageSeconds", 1.5);
    assertThat(String.valueOf(service.get("group")))
        .contains("id=3510239324", "weight=256", "share=1.0", "target=pod/web/c (10.0.2.9:8080)");
  }
}
