package io.seine.agent.service;

import static io.seine.agent.service.Given.on;
import static io.seine.agent.service.Given.port;
import static io.seine.agent.service.Given.service;
import static io.seine.agent.service.Given.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.ServiceFact;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of one service, written as text. This node is n1: see {@link Given#DUAL}. */
class TranslationTest {
  private static final ObjectKey WEB = new ObjectKey("shop", "web");

  private final Services services =
      new Services(Given.DUAL, Given.DEFAULTS, List.of(), TranslationTest::standIn);

  private static Optional<Ip> standIn(Ip external) {
    return Optional.of(
        Ip.parse(external.toString().contains(":") ? "fd00:5e1e:1::7" : "169.254.128.7"));
  }

  private static ServiceInfo web(ServiceInfo.Port... ports) {
    return service(WEB, "2026-01-01T00:00:00Z", "100.64.0.9", ports);
  }

  private static ServiceInfo loadBalancer(String... sourceRanges) {
    return Given.with(
        service(WEB, "1", List.of("100.64.0.9", "fd00:64::9"), port("", "TCP", 80)),
        new ServiceInfo.External(
            List.of(), List.of("203.0.113.1", "2001:db8::1"), List.of(sourceRanges), false, 0));
  }

  private Translation translate(ServiceInfo service) {
    services.put(service);
    return services.translate(WEB).orElseThrow();
  }

  private static String text(Translation translation) {
    StringBuilder out = new StringBuilder();
    translation
        .fact()
        .ifPresent(fact ->
            fact.ports()
                .forEach(port -> {
                  out.append(
                      "%s %s %s %d%s\n"
                          .formatted(
                              port.family(),
                              port.name(),
                              port.protocol(),
                              port.port(),
                              port.affinitySeconds().isPresent()
                                  ? " affinity " + port.affinitySeconds().getAsInt()
                                  : ""));
                  port.frontends().forEach(f -> out.append("  " + text(f) + "\n"));
                  out.append("  to " + port.endpoints() + ", here " + port.localEndpoints() + "\n");
                }));
    translation
        .healthCheck()
        .ifPresent(h -> out.append("health %d: %d\n".formatted(h.port(), h.localEndpoints())));
    translation.problems().forEach(p -> out.append(p.reason() + ": " + p.message() + "\n"));
    return out.toString();
  }

  private static String text(ServiceFact.Frontend f) {
    return "%s %s:%d%s inside %s outside %s%s"
        .formatted(
            f.kind(),
            f.address().bracketed(),
            f.port(),
            f.standIn().map(s -> " by " + s).orElse(""),
            f.inside(),
            f.outside(),
            f.sources().isEmpty() ? "" : " from " + f.sources());
  }

  @Test
  void shouldServeAllWaysToADualStackLoadBalancerService() {
    services.put(
        Given.slice(
            WEB,
            "web-4",
            target("http", "TCP", 8080),
            on("n1", "10.96.0.4"),
            on("n2", "10.96.1.4")));
    services.put(Given.slice(WEB, "web-6", target("http", "TCP", 8080), on("n1", "fd00:96::4")));
    ServiceInfo web =
        Given.with(
            service(
                WEB,
                "1",
                List.of("100.64.0.9", "fd00:64::9"),
                new ServiceInfo.Port("http", "TCP", 80, 30080)),
            new ServiceInfo.External(
                List.of("192.0.2.7"),
                List.of("203.0.113.1", "2001:db8::1"),
                List.of(),
                true,
                31000));

    assertThat(text(translate(web)))
        .isEqualTo(
            """
            IPV4 http TCP 80
              CLUSTER_IP 100.64.0.9:80 inside CLUSTER outside CLUSTER
              NODE_PORT 169.254.0.252:30080 inside CLUSTER outside LOCAL
              LOAD_BALANCER 203.0.113.1:80 by 169.254.128.7 inside CLUSTER outside LOCAL
              EXTERNAL_IP 192.0.2.7:80 by 169.254.128.7 inside CLUSTER outside LOCAL
              to [10.96.0.4:8080, 10.96.1.4:8080], here [10.96.0.4:8080]
            IPV6 http TCP 80
              CLUSTER_IP [fd00:64::9]:80 inside CLUSTER outside CLUSTER
              NODE_PORT [fd00:5e1e::fc]:30080 inside CLUSTER outside LOCAL
              LOAD_BALANCER [2001:db8::1]:80 by fd00:5e1e:1::7 inside CLUSTER outside LOCAL
              to [[fd00:96::4]:8080], here [[fd00:96::4]:8080]
            health 31000: 1
            """);
  }

  @Test
  void shouldLetTheInternalPolicyRuleTheClusterIpOnly() {
    ServiceInfo web = Given.withInternalLocal(web(new ServiceInfo.Port("", "TCP", 80, 30080)));

    assertThat(text(translate(web)))
        .isEqualTo(
            """
            IPV4  TCP 80
              CLUSTER_IP 100.64.0.9:80 inside LOCAL outside LOCAL
              NODE_PORT 169.254.0.252:30080 inside CLUSTER outside CLUSTER
              to [], here []
            """);
  }

  @Test
  void shouldReadAServiceAnewAsItsPortsAddressesAndTypeChangeAndChangeBack() {
    services.put(Given.slice(WEB, "web-a", target("http", "TCP", 8080), "10.96.0.4"));
    ServiceInfo first = web(port("http", "TCP", 80));
    Translation before = translate(first);

    assertThat(text(translate(Given.withExternalIps(web(port("http", "TCP", 81)), "203.0.113.1"))))
        .isEqualTo(
            """
            IPV4 http TCP 81
              CLUSTER_IP 100.64.0.9:81 inside CLUSTER outside CLUSTER
              EXTERNAL_IP 203.0.113.1:81 by 169.254.128.7 inside CLUSTER outside CLUSTER
              to [10.96.0.4:8080], here []
            """);
    assertThat(text(translate(service(WEB, "2026-01-01T00:00:00Z", List.of())))).isEmpty();
    assertThat(translate(first)).isEqualTo(before);

    // then nothing stands in the way of another service that takes what this one had
    ObjectKey next = new ObjectKey("shop", "next");
    services.put(
        Given.withExternalIps(
            service(next, "2026-02-01T00:00:00Z", "100.64.0.10", port("http", "TCP", 81)),
            "203.0.113.1"));
    assertThat(services.translate(next).orElseThrow().problems()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          10.96.0.77      | TCP  | 80    | it is in the pod network 10.96.0.0/24
          10.96.7.77      | TCP  | 80    | it is in the pod network 10.96.7.0/24
          10.96.0.1       | TCP  | 80    | it is the address of a node's gateway
          10.96.7.1       | TCP  | 80    | it is the address of a node's gateway
          100.64.3.3      | TCP  | 80    | it is in the service network 100.64.0.0/16
          127.0.0.1       | TCP  | 80    | no host can have this address
          0.0.0.0         | TCP  | 80    | no host can have this address
          224.0.0.1       | UDP  | 80    | no host can have this address
          169.254.169.254 | TCP  | 80    | no host can have this address
          10.0.0.5        | TCP  | 80    | it is the API server's address
          192.168.1.2     | TCP  | 6443  | the API server answers at this port of the node
          192.168.1.2     | TCP  | 10250 | the kubelet answers at this port of the node
          192.168.1.1     | TCP  | 10250 | the kubelet answers at this port of the node
          192.168.1.1     | UDP  | 6081  | the tunnels between the nodes use this port ('tunnelPort')
          192.168.1.1     | TCP  | 6443  |
          192.168.1.1     | TCP  | 22    |
          192.168.1.2     | TCP  | 443   |
          192.0.2.7       | TCP  | 10250 |
          192.0.2.7       | UDP  | 6081  |
          """)
  void shouldRefuseAddressesThatAreOthersBusiness(
      String ip, String protocol, int port, String reason) {
    services.put(Given.node("n1", "192.168.1.1", "10.96.0.0/24", "za", 10250));
    services.put(Given.node("n2", "192.168.1.2", "10.96.7.0/24", "zb", 10250));
    apiServers("192.168.1.2", "10.0.0.5");

    for (ServiceInfo web :
        List.of(
            Given.withExternalIps(web(port("", protocol, port)), ip),
            Given.with(
                web(port("", protocol, port)),
                new ServiceInfo.External(List.of(), List.of(ip), List.of(), false, 0)))) {
      Translation translation = translate(web);

      // then the rest of the service is served
      List<ServiceFact.Frontend> served =
          translation.fact().orElseThrow().ports().getFirst().frontends();
      if (reason == null) {
        assertThat(served).hasSize(2);
        assertThat(translation.problems()).isEmpty();
      } else {
        assertThat(served).hasSize(1);
        assertThat(translation.problems())
            .singleElement()
            .satisfies(p -> {
              assertThat(p.reason()).isIn("ExternalIPRefused", "LoadBalancerIPRefused");
              assertThat(p.message())
                  .endsWith("%s:%d/%s is refused: %s".formatted(ip, port, protocol, reason));
            });
      }
    }
  }

  private void apiServers(String... addresses) {
    services.put(
        Given.slice(
            new ObjectKey("default", "kubernetes"),
            "kubernetes",
            target("https", "TCP", 6443),
            addresses));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TCP | 10250 | node port 10250/TCP is refused: the kubelet answers at this port
          UDP | 6081  | node port 6081/UDP is refused: the tunnels between the nodes use this port ('tunnelPort')
          TCP | 6443  | node port 6443/TCP is refused: the API server answers at this port of the node
          """)
  void shouldRefuseNodePortsThatAreTheNodesOwnBusiness(
      String protocol, int nodePort, String message) {
    services.put(Given.node("n1", "192.168.1.1", "10.96.0.0/24", "za", 10250));
    apiServers("192.168.1.1");

    assertThat(translate(web(new ServiceInfo.Port("", protocol, 80, nodePort))).problems())
        .extracting(Problem::reason, Problem::message)
        .containsExactly(org.assertj.core.api.Assertions.tuple("NodePortRefused", message));
  }

  @Test
  void shouldServeExternalIpsOfTheAllowedNetworksOnly() {
    Services strict =
        new Services(
            Given.DUAL,
            new ServiceOptions(
                "",
                Set.of(),
                Set.of(),
                List.of(IpPrefix.parse("192.0.2.0/24")),
                List.of(IpPrefix.parse("10.96.0.0/12")),
                6081),
            List.of(new ApiServer(Ip.parse("192.0.2.9"), 443)),
            TranslationTest::standIn);
    strict.put(
        Given.with(
            web(port("", "TCP", 80)),
            new ServiceInfo.External(
                List.of("192.0.2.7", "198.51.100.7", "192.0.2.9", "2001:db8::1", "x"),
                List.of("203.0.113.1", "10.111.0.1"),
                List.of(),
                false,
                0)));

    assertThat(text(strict.translate(WEB).orElseThrow()))
        .isEqualTo(
            """
            IPV4  TCP 80
              CLUSTER_IP 100.64.0.9:80 inside CLUSTER outside CLUSTER
              LOAD_BALANCER 203.0.113.1:80 by 169.254.128.7 inside CLUSTER outside CLUSTER
              EXTERNAL_IP 192.0.2.7:80 by 169.254.128.7 inside CLUSTER outside CLUSTER
              to [], here []
            ExternalIPRefused: external IP 2001:db8::1 is refused: the service has no cluster IP of its family
            ExternalIPRefused: external IP 'x' is refused: it is no IP address
            LoadBalancerIPRefused: load balancer address 10.111.0.1:80/TCP is refused: it is in the pod network 10.96.0.0/12
            ExternalIPRefused: external IP 198.51.100.7:80/TCP is refused: it is in none of the networks of 'externalIpCidrs'
            ExternalIPRefused: external IP 192.0.2.9:80/TCP is refused: it is the API server's address
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
                                      |                 |
          0.0.0.0/0                   |                 | ::/128
          10.0.0.0/8                  | 10.0.0.0/8      | ::/128
          10.1.2.3/8                  | 10.0.0.0/8      | ::/128
          2001:db8::/32 10.0.0.0/8    | 10.0.0.0/8      | 2001:db8::/32
          192.0.2.1/32 10.0.0.0/8     | 10.0.0.0/8, 192.0.2.1/32 | ::/128
          nonsense                    | 0.0.0.0/32      | ::/128
          """)
  void shouldLetInThoseOfTheSourceRangesOnly(String ranges, String ipv4, String ipv6) {
    ServiceInfo web = loadBalancer(ranges == null ? new String[0] : ranges.split(" ", -1));

    assertThat(
            translate(web).fact().orElseThrow().ports().stream()
                .flatMap(p -> p.frontends().stream())
                .filter(f -> f.kind() == ServiceFact.Kind.LOAD_BALANCER)
                .map(f -> String.join(", ", f.sources().stream().map(Object::toString).toList())))
        .containsExactly(ipv4 == null ? "" : ipv4, ipv6 == null ? "" : ipv6);
  }

  @Test
  void shouldKeepTheSourceRangesOfAnAddressThatIsAnExternalIpToo() {
    ServiceInfo web =
        Given.with(
            web(port("", "TCP", 80)),
            new ServiceInfo.External(
                List.of("203.0.113.1"), List.of("203.0.113.1"), List.of("10.0.0.0/8"), false, 0));

    assertThat(text(translate(web)))
        .contains("LOAD_BALANCER 203.0.113.1:80")
        .doesNotContain("EXTERNAL_IP");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "10800, 10800, false", "86400, 86400, false", "90000, 86400, true"})
  void shouldKeepClientsForAsLongAsTheServiceSays(int given, int used, boolean problem) {
    Translation translation = translate(Given.withAffinity(web(port("", "TCP", 80)), given));

    assertThat(translation.fact().orElseThrow().ports().getFirst().affinitySeconds())
        .hasValue(used);
    assertThat(translation.problems()).hasSize(problem ? 1 : 0);
  }

  @Test
  void shouldServeOfSctpWhatASwitchCanThatKeepsPorts() {
    services.put(Given.slice(WEB, "web-a", target("s", "SCTP", 80), "10.96.0.4"));
    services.put(Given.slice(WEB, "web-b", target("t", "SCTP", 9999), "10.96.0.4"));
    ServiceInfo web = web(new ServiceInfo.Port("s", "SCTP", 80, 30080), port("t", "SCTP", 81));
    assertThat(translate(web).problems()).isEmpty();
    services.takeDirty();

    services.sctpPorts(false);

    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(text(translate(web)).replaceAll("this node's .*", "..."))
        .isEqualTo(
            """
            IPV4 s SCTP 80
              CLUSTER_IP 100.64.0.9:80 inside CLUSTER outside CLUSTER
              to [10.96.0.4:80], here []
            IPV4 s SCTP 80
              NODE_PORT 169.254.0.252:30080 inside CLUSTER outside CLUSTER
              to [], here []
            IPV4 t SCTP 81
              CLUSTER_IP 100.64.0.9:81 inside CLUSTER outside CLUSTER
              to [], here []
            SCTPPortNotServed: port 30080/SCTP is refused: ...
            SCTPPortNotServed: port 81/SCTP is refused: ...
            """);
  }

  @Test
  void shouldCountTheReadyEndpointsOfThisNodeForTheHealthCheck() {
    // given two ports, one endpoint here in each of them, one that drains and one elsewhere
    services.put(
        Given.slice(
            WEB,
            "web-a",
            List.of(new SliceInfo.Port("a", "TCP", 8080), new SliceInfo.Port("b", "TCP", 8081)),
            on("n1", "10.96.0.4"),
            on("n1", "10.96.0.5"),
            new SliceInfo.Endpoint(
                "10.96.0.6", "n1", SliceInfo.Condition.DRAINING, SliceInfo.Hints.NONE),
            on("n2", "10.96.1.4")));
    ServiceInfo web =
        Given.with(
            web(port("a", "TCP", 80), port("b", "TCP", 81)),
            new ServiceInfo.External(List.of(), List.of(), List.of(), true, 31000));

    assertThat(translate(web).healthCheck()).contains(new Translation.HealthCheck(31000, 2));
  }

  @Test
  void shouldLeaveAloneWhatIsAnothers() {
    for (ServiceOptions options :
        List.of(
            skipping(Set.of(WEB), Set.of()), skipping(Set.of(), Set.of(Ip.parse("100.64.0.9"))))) {
      Services skipping = new Services(Given.DUAL, options, List.of(), TranslationTest::standIn);
      skipping.put(web(port("", "TCP", 80)));
      assertThat(skipping.translate(WEB)).contains(Translation.NOTHING);
      assertThat(skipping.leftAlone()).isEqualTo(1);
    }

    // when the service gets the label of another proxy, and loses it again
    ServiceInfo web = web(port("", "TCP", 80));
    assertThat(translate(web).fact()).isPresent();
    assertThat(translate(Given.withProxyName(web, "other"))).isEqualTo(Translation.NOTHING);
    assertThat(services.leftAlone()).isEqualTo(1);
    assertThat(translate(web).fact()).isPresent();
    assertThat(services.leftAlone()).isZero();
  }

  private static ServiceOptions skipping(Set<ObjectKey> names, Set<Ip> addresses) {
    return new ServiceOptions("", names, addresses, Given.DEFAULTS.externalIps(), List.of(), 6081);
  }

  @Test
  void shouldServeThoseOfItsOwnNameWhereItHasOne() {
    Services named =
        new Services(
            Given.DUAL,
            new ServiceOptions("seine", Set.of(), Set.of(), List.of(), List.of(), 6081),
            List.of(),
            TranslationTest::standIn);
    named.put(web(port("", "TCP", 80)));
    assertThat(named.translate(WEB)).contains(Translation.NOTHING);

    named.put(Given.withProxyName(web(port("", "TCP", 80)), "seine"));
    assertThat(named.translate(WEB).orElseThrow().fact()).isPresent();
  }

  @Test
  void shouldServeTheFamiliesOnlyThatTheNodeHas() {
    Services single =
        new Services(
            io.seine.pipeline.LocalNode.of(
                "n1",
                Ip.parse("192.168.1.1"),
                IpPrefix.parse("10.96.0.0/24"),
                List.of(IpPrefix.parse("100.64.0.0/16"))),
            Given.DEFAULTS,
            List.of(),
            TranslationTest::standIn);
    single.put(loadBalancer());

    assertThat(text(single.translate(WEB).orElseThrow()))
        .isEqualTo(
            """
            IPV4  TCP 80
              CLUSTER_IP 100.64.0.9:80 inside CLUSTER outside CLUSTER
              LOAD_BALANCER 203.0.113.1:80 by 169.254.128.7 inside CLUSTER outside CLUSTER
              to [], here []
            """);
  }

  @Test
  void shouldKnowWhereTheApiServerIs() {
    assertThat(
            Arrays.asList(
                ApiServer.at("https://192.0.2.9:6443/"),
                ApiServer.at("https://192.0.2.9"),
                ApiServer.at("http://[2001:db8::9]/x"),
                ApiServer.at("https://api.example.com:6443")))
        .containsExactly(
            List.of(new ApiServer(Ip.parse("192.0.2.9"), 6443)),
            List.of(new ApiServer(Ip.parse("192.0.2.9"), 443)),
            List.of(new ApiServer(Ip.parse("2001:db8::9"), 80)),
            List.of());
  }
}
