package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.kube.SliceInfo.Condition;
import io.seine.agent.kube.SliceInfo.Hints;
import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.GroupCounts;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.openflow.Match;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.EndpointGroups;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceScreenTest {
  private static final LocalNode NODE =
      LocalNode.of(
          "n1",
          Ip.parse("192.0.2.1"),
          IpPrefix.parse("10.0.1.0/24"),
          List.of(IpPrefix.parse("10.100.0.0/16")));
  private static final ObjectKey KEY = new ObjectKey("web", "front");
  private static final ObjectRef REF = new ObjectRef("v1", "Service", KEY, "u1");
  private static final Endpoint HERE = endpoint("10.0.1.2");
  private static final Endpoint THERE = endpoint("10.0.2.2");
  private static final Endpoint LEAVING = endpoint("10.0.1.3");
  private static final Endpoint ELSEWHERE = endpoint("10.0.3.2");
  private static final Endpoint UNREADY = endpoint("10.0.2.3");
  private static final Map<Ip, Owner> PODS =
      Map.of(
          HERE.address(), new Owner.Pod("web", "front-a"),
          THERE.address(), new Owner.Pod("web", "front-b"),
          LEAVING.address(), new Owner.Pod("web", "front-c"),
          ELSEWHERE.address(), new Owner.Pod("web", "front-d"),
          UNREADY.address(), new Owner.Pod("web", "front-e"));

  private static Endpoint endpoint(String address) {
    return new Endpoint(Ip.parse(address), 8080);
  }

  private static SliceInfo slice(SliceInfo.Endpoint... endpoints) {
    return new SliceInfo(
        new ObjectRef("discovery.k8s.io/v1", "EndpointSlice", new ObjectKey("web", "s"), ""),
        KEY,
        List.of(new SliceInfo.Port("http", "TCP", 8080)),
        List.of(endpoints));
  }

  private static final SliceInfo SLICE =
      slice(
          said(HERE, "n1", Condition.READY, Hints.NONE),
          said(THERE, "n2", Condition.READY, Hints.NONE),
          said(LEAVING, "n1", Condition.DRAINING, Hints.NONE),
          said(ELSEWHERE, "n3", Condition.READY, new Hints(List.of("b"), List.of())),
          said(UNREADY, "n2", Condition.UNUSED, Hints.NONE));

  private static SliceInfo.Endpoint said(
      Endpoint endpoint, String node, Condition condition, Hints hints) {
    return new SliceInfo.Endpoint(endpoint.address().toString(), node, condition, hints);
  }

  private static ServiceInfo service(String proxy, String... clusterIps) {
    return new ServiceInfo(
        REF,
        "",
        ServiceInfo.Type.LOAD_BALANCER,
        List.of(clusterIps),
        List.of(new ServiceInfo.Port("http", "TCP", 80, 30080)),
        false,
        0,
        proxy,
        new ServiceInfo.External(List.of(), List.of(), List.of(), true, 32000));
  }

  private static ServiceFact fact(OptionalInt affinity, List<Endpoint> endpoints) {
    Ip lb = Ip.parse("203.0.113.7");
    return new ServiceFact(
        "web",
        "front",
        List.of(
            new ServiceFact.Port(
                "http",
                Protocol.TCP,
                Family.IPV4,
                80,
                List.of(
                    Frontend.clusterIp(Ip.parse("10.100.0.7"), 80, Policy.CLUSTER),
                    new Frontend(
                        Kind.NODE_PORT,
                        Addresses.nodePort(Family.IPV4),
                        30080,
                        Optional.empty(),
                        Policy.CLUSTER,
                        Policy.LOCAL,
                        List.of()),
                    new Frontend(
                        Kind.LOAD_BALANCER,
                        lb,
                        80,
                        Optional.of(Ip.parse("169.254.64.9")),
                        Policy.CLUSTER,
                        Policy.LOCAL,
                        List.of(IpPrefix.parse("198.51.100.0/24")))),
                endpoints,
                endpoints.stream().filter(HERE::equals).toList(),
                affinity)));
  }

  /** A switch that has what it should, each flow with 3 packets and each bucket with 5. */
  private static ServiceReading reading(FlowSet set, List<InstalledFlow> learned) {
    List<InstalledFlow> flows = new ArrayList<>(learned);
    set.flows()
        .forEach(flow ->
            flows.add(
                new InstalledFlow(
                    flow,
                    Cookie.of(Owner.Kind.SERVICE, flow),
                    Duration.ofSeconds(9),
                    3,
                    300,
                    0,
                    0)));
    List<GroupCounts> counts =
        set.groups().stream()
            .map(group ->
                new GroupCounts(
                    group.id(),
                    0,
                    0,
                    group.buckets().stream().map(b -> new GroupCounts.Count(5, 370)).toList()))
            .toList();
    return new ServiceReading(NODE, new GroupIds(), flows, set.groups(), counts, PODS);
  }

  private static ServiceReading.Told told(ServiceFact fact, List<SliceInfo> slices) {
    return new ServiceReading.Told(
        service("", "10.100.0.7"),
        false,
        Optional.of(fact),
        slices,
        List.of(
            new Problem(REF, "ExternalIPRefused", "external IP 10.0.1.9:80/TCP is refused: why"),
            new Problem(ObjectRef.node("n2", ""), "PodCidrMissing", "of no concern here")));
  }

  private static ServiceView view(ServiceFact fact, List<InstalledFlow> learned) {
    return reading(ServiceCompiler.compile(fact, new GroupIds()), learned)
        .view(told(fact, List.of(SLICE)));
  }

  private static String screen(ServiceView view) {
    return String.join("\n", ServiceScreen.lines(view, false));
  }

  @Test
  void everythingOfAServiceIsOnOneScreen() {
    assertThat(screen(view(fact(OptionalInt.empty(), List.of(HERE, THERE)), List.of())))
        .isEqualTo(
            """
            n1: service/web/front
              health check at port 32000

              port http 80/TCP
                REACHED AT                    FROM                                   GOES TO                HITS
                cluster IP 10.100.0.7:80      everywhere                             any endpoint           3
                node port 192.0.2.1:30080     pods, this node                        any endpoint           3
                node port 192.0.2.1:30080     outside                                this node's endpoints  3
                load balancer 203.0.113.7:80  pods, this node: only 198.51.100.0/24  any endpoint           6     as 169.254.64.9
                load balancer 203.0.113.7:80  outside: only 198.51.100.0/24          this node's endpoints  3     as 169.254.64.9; others dropped: 6
                by NodePortMark (15), ServiceLB (17); any endpoint by group 3510239324 (dp_hash), this node's endpoints by group 3918397186 (dp_hash)
                ENDPOINT       WHO              NODE       STATE        SHARE   HITS  LOCAL SHARE  LOCAL HITS
                10.0.1.2:8080  pod/web/front-a  n1 (here)  ready        50.0 %  5     100.0 %      5
                10.0.2.2:8080  pod/web/front-b  n2         ready        50.0 %  5     -            -
                10.0.1.3:8080  pod/web/front-c  n1 (here)  terminating  -       -     -            -           not used: it terminates, and others are ready
                10.0.2.3:8080  pod/web/front-e  n2         not ready    -       -     -            -           not used: it is not ready
                10.0.3.2:8080  pod/web/front-d  n3         ready        -       -     -            -           not used: it is meant for zone b

              refused or left out
                ExternalIPRefused: external IP 10.0.1.9:80/TCP is refused: why\
            """);
  }

  @Test
  void withAffinityTheClientsThatAreRememberedAreShown() {
    ServiceFact fact = fact(OptionalInt.of(10_800), List.of(HERE, THERE));
    assertThat(screen(view(fact, List.of(learned(fact, "10.0.1.77", HERE)))))
        .isEqualTo(
            """
            n1: service/web/front
              health check at port 32000

              port http 80/TCP, a client stays with its endpoint for 3 h 0 min after its last new connection
                REACHED AT                    FROM                                   GOES TO                HITS
                cluster IP 10.100.0.7:80      everywhere                             any endpoint           3
                node port 192.0.2.1:30080     pods, this node                        any endpoint           3
                node port 192.0.2.1:30080     outside                                this node's endpoints  3
                load balancer 203.0.113.7:80  pods, this node: only 198.51.100.0/24  any endpoint           6     as 169.254.64.9
                load balancer 203.0.113.7:80  outside: only 198.51.100.0/24          this node's endpoints  3     as 169.254.64.9; others dropped: 6
                by NodePortMark (15), ServiceLB (17), Affinity (18), EndpointDnat (19); any endpoint by group 3510239324 (hash), this node's endpoints by group 3918397186 (hash)
                ENDPOINT       WHO              NODE       STATE        SHARE   HITS  LOCAL SHARE  LOCAL HITS  CLIENTS
                10.0.1.2:8080  pod/web/front-a  n1 (here)  ready        50.0 %  3     100.0 %      3           1
                10.0.2.2:8080  pod/web/front-b  n2         ready        50.0 %  3     -            -           0
                10.0.1.3:8080  pod/web/front-c  n1 (here)  terminating  -       -     -            -           0        not used: it terminates, and others are ready
                10.0.2.3:8080  pod/web/front-e  n2         not ready    -       -     -            -           0        not used: it is not ready
                10.0.3.2:8080  pod/web/front-d  n3         ready        -       -     -            -           0        not used: it is meant for zone b
                CLIENT     STAYS WITH     LAST CAME  FORGOTTEN IN
                10.0.1.77  10.0.1.2:8080  100 s ago  2 h 58 min

              refused or left out
                ExternalIPRefused: external IP 10.0.1.9:80/TCP is refused: why\
            """);
  }

  /** What the switch learns of a client, which came 100 s ago. */
  private static InstalledFlow learned(ServiceFact fact, String client, Endpoint endpoint) {
    ServiceFact.Port port = fact.ports().getFirst();
    FlowSet set = ServiceCompiler.compile(fact, new GroupIds());
    Group group =
        set.groups().stream()
            .filter(g -> g.buckets().size() == port.endpoints().size())
            .findFirst()
            .orElseThrow();
    int bucket =
        EndpointGroups.buckets(port.endpoints()).entrySet().stream()
            .filter(entry -> entry.getValue().equals(endpoint))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    Match match =
        Match.of(
            FieldMatch.exact(Field.ETH_TYPE, Family.IPV4.etherType()),
            FieldMatch.exact(Field.IPV4_SRC, Ip.parse(client).value()),
            Registers.GROUP.is(Integer.toUnsignedLong(group.id())));
    List<Action> actions = List.of(Registers.ENDPOINT.set(Integer.toUnsignedLong(bucket)));
    return new InstalledFlow(
        new Flow(Table.AFFINITY.number(), 200, match, actions),
        Cookie.learned(group.id(), bucket, 10_800),
        Duration.ofSeconds(500),
        Duration.ofSeconds(100),
        2,
        148,
        10_800,
        0);
  }

  @Test
  void withoutEndpointsConnectionsAreRefused() {
    ServiceFact fact = fact(OptionalInt.empty(), List.of());
    ServiceView view =
        reading(ServiceCompiler.compile(fact, new GroupIds()), List.of())
            .view(told(fact, List.of()));
    assertThat(screen(view))
        .contains("nowhere, refused: no endpoint", "    no endpoints")
        .doesNotContain("group");
  }

  @Test
  void withThePolicyLocalAndNoEndpointHereConnectionsFromOutsideAreDropped() {
    assertThat(screen(view(fact(OptionalInt.empty(), List.of(THERE)), List.of())))
        .containsPattern("192.0.2.1:30080 +outside +nowhere, dropped: no endpoint on this node")
        .containsPattern("192.0.2.1:30080 +pods, this node +any endpoint");
  }

  @Test
  void whatTheSwitchLacksIsSaid() {
    ServiceFact fact = fact(OptionalInt.empty(), List.of(HERE, THERE));
    ServiceView view = reading(FlowSet.EMPTY, List.of()).view(told(fact, List.of(SLICE)));
    assertThat(screen(view))
        .containsPattern("cluster IP 10.100.0.7:80 +everywhere .* NOT IN THE SWITCH: 1 flow\\n")
        .containsPattern("by group \\d+ NOT IN THE SWITCH")
        .contains("not used: it should be used, but the switch does not have it");
  }

  @Test
  void aServiceThatIsNotServedSaysWhy() {
    ServiceReading reading = reading(FlowSet.EMPTY, List.of());
    assertThat(
            screen(
                reading.view(
                    new ServiceReading.Told(
                        service("other", "10.100.0.7"),
                        true,
                        Optional.empty(),
                        List.of(),
                        List.of()))))
        .startsWith(
            "n1: service/web/front is not served: left to the proxy 'other' (label"
                + " service.kubernetes.io/service-proxy-name)");
    assertThat(
            screen(
                reading.view(
                    new ServiceReading.Told(
                        service(""), false, Optional.empty(), List.of(), List.of()))))
        .startsWith("n1: service/web/front is not served: it has no cluster IP");
  }

  @Test
  void manyEndpointsAreCountedWithTheirSharesThroughGroupsOfGroups() {
    List<Endpoint> many =
        IntStream.range(0, 1000)
            .mapToObj(i -> endpoint("10.9.%d.%d".formatted(i / 250, i % 250)))
            .toList();
    ServiceView view = view(fact(OptionalInt.empty(), many), List.of());

    List<ServiceView.Backend> used =
        view.ports().getFirst().backends().stream().filter(b -> b.share().isPresent()).toList();
    assertThat(used).hasSize(1000);
    assertThat(used.stream().mapToDouble(b -> b.share().orElseThrow().part()).sum())
        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(used).allMatch(b -> b.share().orElseThrow().hits() == 5);
    assertThat(screen(view)).contains("and 985 more endpoints (--expand: all)");
    assertThat(ServiceScreen.lines(view, true)).hasSizeGreaterThan(1005);
  }

  @Test
  void programsGetTheSameFacts() {
    ServiceFact fact = fact(OptionalInt.of(10_800), List.of(HERE, THERE));
    Map<String, Object> object =
        ServiceJson.of(view(fact, List.of(learned(fact, "10.0.1.77", HERE))));
    assertThat(object)
        .containsEntry("node", "n1")
        .containsEntry("service", "service/web/front")
        .containsEntry("healthCheckNodePort", 32000)
        .containsKeys("ports", "refused");
    assertThat(String.valueOf(object.get("ports")))
        .contains(
            "kind=node-port, addresses=[192.0.2.1], port=30080, from=outside,"
                + " treatment=local-endpoint",
            "standIn=169.254.64.9",
            "endpoint=10.0.1.2:8080, owner=pod/web/front-a, node=n1, here=true, state=ready,"
                + " any={share=0.5, hits=3}, local={share=1.0, hits=3}",
            "client=10.0.1.77, endpoint=10.0.1.2:8080, idleSeconds=100, leftSeconds=10700");
    assertThat(String.valueOf(object.get("refused"))).contains("ExternalIPRefused");
  }
}
