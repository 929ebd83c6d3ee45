package io.seine.cli.flows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.KnownPolicies;
import io.seine.agent.facts.PolicyObjects;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.verdict.Connection;
import io.seine.agent.verdict.Transport;
import io.seine.cli.flows.WhyPlan.Entry;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalNode;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two dual-stack nodes; {@code a} and {@code b1} run on the first, {@code b2} on the second. */
class WhyPlannerTest {
  private static final List<String> NODES = List.of("n1", "n2");
  private static final List<PodInfo> PODS =
      List.of(
          pod("a", 1, 5),
          pod("b1", 1, 6),
          pod("b2", 2, 6),
          pod("n2", 1, 7),
          new PodInfo(
              ref("Pod", "host"), "n2", List.of("172.16.0.2"), true, false, Map.of(), List.of()));

  private static final List<ServiceInfo> SERVICES =
      List.of(
          service("web", List.of("10.96.0.1", "fd00:96::1"), ServiceInfo.Type.LOAD_BALANCER),
          service("empty", List.of("10.96.0.2"), ServiceInfo.Type.CLUSTER_IP),
          service("here", List.of("10.96.0.3"), ServiceInfo.Type.CLUSTER_IP),
          service("bare", List.of(), ServiceInfo.Type.CLUSTER_IP),
          service("alias", List.of(), ServiceInfo.Type.EXTERNAL_NAME));

  private static final List<SliceInfo> SLICES =
      List.of(
          new SliceInfo(
              ref("EndpointSlice", "bare-1"),
              new ObjectKey("default", "bare"),
              List.of(new SliceInfo.Port("http", "TCP", 8080)),
              List.of(SliceInfo.Endpoint.ready("10.0.1.6"), SliceInfo.Endpoint.ready("10.0.2.6"))));

  private static ObjectRef ref(String kind, String name) {
    return new ObjectRef("v1", kind, new ObjectKey("default", name), "");
  }

  private static PodInfo pod(String name, int node, int host) {
    return new PodInfo(
        ref("Pod", name),
        "n" + node,
        List.of("10.0.%d.%d".formatted(node, host), "fd00:%d::%d".formatted(node, host)),
        false,
        false,
        Map.of(),
        List.of(
            new PodInfo.NamedPort("http", "TCP", 8080), new PodInfo.NamedPort("dns", "UDP", 53)));
  }

  private static ServiceInfo service(String name, List<String> ips, ServiceInfo.Type type) {
    boolean external = type == ServiceInfo.Type.LOAD_BALANCER;
    return new ServiceInfo(
        ref("Service", name),
        "",
        type,
        ips,
        List.of(new ServiceInfo.Port("http", "TCP", 80, external ? 30080 : 0)),
        name.equals("here"),
        0,
        "",
        external
            ? new ServiceInfo.External(List.of(), List.of("198.51.100.1"), List.of(), false, 0)
            : ServiceInfo.External.NONE);
  }

  private static LocalNode node(int number) {
    return new LocalNode(
        "n" + number,
        Ip.parse("172.16.0." + number),
        List.of(
            LocalNode.Network.of(IpPrefix.parse("10.0.%d.0/24".formatted(number))),
            LocalNode.Network.of(IpPrefix.parse("fd00:%d::/64".formatted(number)))),
        List.of(),
        List.of(Ip.parse("172.16.0." + number)),
        1,
        2);
  }

  private static ServiceFact fact(String name, Endpoint... endpoints) {
    ServiceInfo info =
        SERVICES.stream().filter(s -> s.key().name().equals(name)).findFirst().orElseThrow();
    Policy policy = info.internalLocal() ? Policy.LOCAL : Policy.CLUSTER;
    return new ServiceFact(
        "default",
        name,
        info.clusterIps().stream()
            .map(Ip::parse)
            .map(ip -> port(info, ip, policy, endpoints))
            .toList());
  }

  private static ServiceFact.Port port(
      ServiceInfo info, Ip clusterIp, Policy policy, Endpoint... endpoints) {
    Family family = clusterIp.family();
    Stream<Frontend> more =
        info.type() == ServiceInfo.Type.LOAD_BALANCER && family == Family.IPV4
            ? Stream.of(
                new Frontend(
                    Kind.LOAD_BALANCER,
                    Ip.parse("198.51.100.1"),
                    80,
                    Optional.of(Ip.parse("169.254.64.9")),
                    Policy.CLUSTER,
                    Policy.CLUSTER,
                    List.of(IpPrefix.parse("203.0.113.0/24"), IpPrefix.parse("10.0.0.0/8"))),
                new Frontend(
                    Kind.NODE_PORT,
                    Addresses.nodePort(family),
                    30080,
                    Optional.empty(),
                    Policy.CLUSTER,
                    Policy.CLUSTER,
                    List.of()))
            : Stream.empty();
    return new ServiceFact.Port(
        "http",
        Protocol.TCP,
        family,
        80,
        Stream.concat(Stream.of(Frontend.clusterIp(clusterIp, 80, policy)), more).toList(),
        Stream.of(endpoints).filter(e -> e.address().family() == family).toList(),
        List.of(),
        OptionalInt.empty());
  }

  private static Endpoint endpoint(String address) {
    return new Endpoint(Ip.parse(address), 8080);
  }

  private static final class Known implements WhyCluster.Nodes {
    private final PolicyObjects objects;

    Known(PolicyObjects objects) {
      this.objects = objects;
    }

    @Override
    public ClusterFacts facts(String name) {
      LocalNode node = node(NODES.indexOf(name) + 1);
      return new ClusterFacts(
          node,
          List.of(),
          List.of(
              fact("web", endpoint("10.0.1.6"), endpoint("10.0.2.6"), endpoint("fd00:2::6")),
              fact("empty"),
              fact("here", endpoint("10.0.2.6"))),
          List.of(),
          KnownPolicies.of(node, false, objects, List.of()),
          List.of());
    }

    @Override
    public boolean masquerades(String node) {
      return true;
    }

    @Override
    public Optional<String> phase(ObjectKey pod) {
      return pod.name().equals("done") ? Optional.of("Succeeded") : Optional.empty();
    }
  }

  private static WhyPlan plan(String from, String to, String via) {
    PolicyObjects objects =
        new PolicyObjects(
            List.of(),
            PODS,
            Stream.of(1, 2)
                .map(i ->
                    new NodeInfo(
                        ref("Node", "n" + i),
                        "",
                        List.of("172.16.0." + i),
                        List.of("10.0.%d.0/24".formatted(i), "fd00:%d::/64".formatted(i))))
                .toList(),
            List.of(),
            List.of());
    WhyCluster cluster = new WhyCluster(objects, SERVICES, SLICES, false, new Known(objects));
    WhyTarget target = WhyTarget.parse(to);
    return new WhyPlanner(new WhyQuestion(cluster, cluster.find(from), target, via))
        .to(cluster.find(target.name()));
  }

  private static String text(WhyPlan.Route route) {
    String hops =
        route.hops().stream()
            .map(hop -> "%s%s".formatted(hop.node(), entry(hop.entry())))
            .collect(Collectors.joining(" "));
    boolean same = route.leaving().equals(route.arriving());
    return text(route.leaving())
        + (same ? "" : " as " + text(route.arriving()))
        + (hops.isEmpty() ? "" : " by " + hops);
  }

  private static String text(Connection connection) {
    String port = connection.transport() == Transport.ICMP ? "" : " " + connection.service();
    return connection.source() + ">" + connection.destination() + port;
  }

  private static String entry(Entry entry) {
    return switch (entry) {
      case Entry.FromPod _ -> ":pod";
      case Entry.FromNode _ -> ":node";
      case Entry.FromPeer peer -> ":" + peer.node();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # pods, over each family that both have
          a           | b2:8080              | 10.0.1.5>10.0.2.6 TCP 8080 by n1:pod n2:n1; fd00:1::5>fd00:2::6 TCP 8080 by n1:pod n2:n1
          a           | 10.0.1.6:53/udp      | 10.0.1.5>10.0.1.6 UDP 53 by n1:pod
          a           | b2:dns               | 10.0.1.5>10.0.2.6 UDP 53 by n1:pod n2:n1; fd00:1::5>fd00:2::6 UDP 53 by n1:pod n2:n1
          10.0.1.5    | b2                   | 10.0.1.5>10.0.2.6 by n1:pod n2:n1
          a           | [fd00:1::5]:1        | fd00:1::5>fd00:1::5 TCP 1
          # nodes come to pods by their gateway, and to others by their own address
          node/n1     | b1                   | 10.0.1.1>10.0.1.6 by n1:node; fd00:1::1>fd00:1::6 by n1:node
          node/n1     | 10.0.2.6             | 10.0.1.1>10.0.2.6 by n1:node n2:n1
          n1          | node/n2:22           | 172.16.0.1>172.16.0.2 TCP 22
          a           | node/n2:22           | 10.0.1.5>172.16.0.2 TCP 22 by n1:pod
          host        | 10.0.1.6:1           | 10.0.2.1>10.0.1.6 TCP 1 by n2:node n1:n2
          # outside
          203.0.113.9 | a:80                 | 203.0.113.9>10.0.1.5 TCP 80 by n1:node
          a           | 203.0.113.9:443      | 10.0.1.5>203.0.113.9 TCP 443 by n1:pod
          # services: each endpoint, in each family
          a           | svc/web:http         | 10.0.1.5>10.0.1.6 TCP 8080 by n1:pod; 10.0.1.5>10.0.2.6 TCP 8080 by n1:pod n2:n1; fd00:1::5>fd00:2::6 TCP 8080 by n1:pod n2:n1
          a           | [fd00:96::1]:80      | fd00:1::5>fd00:2::6 TCP 8080 by n1:pod n2:n1
          a           | 198.51.100.1:80      | 10.0.1.5>10.0.1.6 TCP 8080 by n1:pod; 10.0.1.5>10.0.2.6 TCP 8080 by n1:pod n2:n1
          node/n2     | 10.96.0.1:80         | 10.0.2.1>10.0.1.6 TCP 8080 by n2:node n1:n2; 10.0.2.1>10.0.2.6 TCP 8080 by n2:node
          # who comes from outside is seen as the entry node's gateway elsewhere
          203.0.113.9 | svc/web:80           | 203.0.113.9>10.0.1.6 TCP 8080 by n1:node; 203.0.113.9>10.0.2.6 TCP 8080 as 10.0.1.1>10.0.2.6 TCP 8080 by n1:node n2:n1
          # node ports: of its own node a pod is inside, elsewhere it is its node
          a           | node/n1:30080        | 10.0.1.5>10.0.1.6 TCP 8080 by n1:pod; 10.0.1.5>10.0.2.6 TCP 8080 by n1:pod n2:n1
          a           | 172.16.0.2:30080     | 10.0.1.5>172.16.0.2 TCP 30080 as 10.0.2.1>10.0.1.6 TCP 8080 by n1:pod n2:node n1:n2; 10.0.1.5>172.16.0.2 TCP 30080 as 172.16.0.1>10.0.2.6 TCP 8080 by n1:pod n2:node
          203.0.113.9 | node/n2:30080        | 203.0.113.9>10.0.1.6 TCP 8080 as 10.0.2.1>10.0.1.6 TCP 8080 by n2:node n1:n2; 203.0.113.9>10.0.2.6 TCP 8080 by n2:node
          # a headless service is its pods
          a           | svc/bare:http        | 10.0.1.5>10.0.1.6 TCP 8080 by n1:pod; 10.0.1.5>10.0.2.6 TCP 8080 by n1:pod n2:n1
          a           | svc/bare:9           | 10.0.1.5>10.0.1.6 TCP 9 by n1:pod; 10.0.1.5>10.0.2.6 TCP 9 by n1:pod n2:n1
          """)
  void eachWayIsFound(String from, String to, String ways) {
    WhyPlan plan = plan(from, to, "");
    assertThat(plan.routes().stream().map(WhyPlannerTest::text).collect(Collectors.joining("; ")))
        .isEqualTo(ways);
    assertThat(plan.dead()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a            | svc/empty:80 | service/default/empty has no endpoint for it: it is refused
          a            | 10.96.0.3:80 | service/default/here has no endpoint on n1, and its internalTrafficPolicy is Local: it is dropped
          192.0.2.1    | svc/web:80   | loadBalancerSourceRanges of service/default/web do not have 192.0.2.1: it is dropped
          """)
  void whereNoWayLeadsOnThatIsTheAnswer(String from, String to, String why) {
    WhyPlan plan = plan(from, to, "");
    assertThat(plan.routes()).isEmpty();
    assertThat(plan.dead()).singleElement().extracting(WhyPlan.Dead::why).isEqualTo(why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a           | nobody        | there is no running pod default/nobody (services are svc/NAMESPACE/NAME)
          a           | x/b1          | there is no running pod x/b1; there is default/b1
          a           | web:80        | there is no running pod default/web; for the service of that name say svc/default/web
          a           | done          | pod default/done does not run: it is Succeeded
          a           | n2            | there is a node and a pod named 'n2': say node/n2 or pod/n2
          a           | node/n3       | there is no node n3
          a           | a/b/c         | 'a/b/c' is not [NAMESPACE/]NAME
          a           | 10.0.2.77     | no running pod has 10.0.2.77, an address of n2's pods
          a           | b1:ssh        | no container of pod/default/b1 has a port ssh
          a           | node/n1:ssh   | n1 has no ports with names; say a number
          a           | svc/web       | say which port of service/default/web
          a           | svc/web:81    | service/default/web has no TCP 81; it has TCP 80 (http)
          a           | svc/web:80/udp | service/default/web has no UDP 80; it has TCP 80 (http)
          a           | svc/alias:80  | service/default/alias is but another name, for DNS: ask for the address that it stands for
          svc/web     | a             | a service connects to nobody; its pods do
          203.0.113.9 | svc/empty:80  | service/default/empty has no address outside the cluster
          203.0.113.9 | [fd00:1::5]:1 | 203.0.113.9 and pod/default/a have no addresses of one family
          """)
  void whatCannotBeToldIsSaid(String from, String to, String why) {
    assertThatThrownBy(() -> plan(from, to, ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }

  @Test
  void whoComesFromOutsideComesInByTheNodeThatIsSaid() {
    assertThat(plan("203.0.113.9", "svc/web:80", "n2").routes())
        .extracting(WhyPlannerTest::text)
        .containsExactly(
            "203.0.113.9>10.0.1.6 TCP 8080 as 10.0.2.1>10.0.1.6 TCP 8080 by n2:node n1:n2",
            "203.0.113.9>10.0.2.6 TCP 8080 by n2:node");
    assertThat(plan("203.0.113.9", "svc/web:80", "").remarks())
        .containsExactly("as it comes in by n1; --via NODE for another");
    assertThatThrownBy(() -> plan("203.0.113.9", "svc/web:80", "n3"))
        .hasMessage("there is no node n3");
  }
}
