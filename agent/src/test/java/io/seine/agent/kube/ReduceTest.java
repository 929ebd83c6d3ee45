package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.kube.SliceInfo.Condition;
import io.seine.agent.kube.SliceInfo.Hints;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReduceTest {
  private static ServiceInfo service(String metadata, String spec, String status) {
    String yaml =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop, creationTimestamp: '2026-01-01T00:00:00Z'%s}
        spec: %s
        status: %s
        """
            .formatted(metadata, spec, status);
    return ReduceService.service(new KubernetesSerialization().unmarshal(yaml, Service.class));
  }

  private static ServiceInfo service(String spec) {
    return service("", spec, "{}");
  }

  @Test
  void shouldKeepAllThatIsServed() {
    ServiceInfo web =
        service(
            "",
            """
            {type: LoadBalancer, clusterIP: 100.64.0.9, clusterIPs: [100.64.0.9, 'fd00::9'],
             externalIPs: [192.0.2.7], loadBalancerSourceRanges: [' 198.51.100.0/24', '10.0.0.0/8 '],
             externalTrafficPolicy: Local, internalTrafficPolicy: Local, healthCheckNodePort: 31000,
             sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}},
             ports: [{name: http, port: 80, nodePort: 30080}, {name: dns, port: 53, protocol: UDP}]}
            """,
            """
            {loadBalancer: {ingress: [{ip: 203.0.113.1}, {ip: 203.0.113.2, ipMode: VIP},
             {ip: 203.0.113.3, ipMode: Proxy}, {hostname: lb.example.com}]}}
            """);

    assertThat(web)
        .isEqualTo(
            new ServiceInfo(
                new ObjectRef("v1", "Service", new ObjectKey("shop", "web"), ""),
                "2026-01-01T00:00:00Z",
                ServiceInfo.Type.LOAD_BALANCER,
                List.of("100.64.0.9", "fd00::9"),
                List.of(
                    new ServiceInfo.Port("http", "TCP", 80, 30080),
                    new ServiceInfo.Port("dns", "UDP", 53)),
                true,
                90_000,
                "",
                new ServiceInfo.External(
                    List.of("192.0.2.7"),
                    List.of("203.0.113.1", "203.0.113.2"),
                    List.of("198.51.100.0/24", "10.0.0.0/8"),
                    true,
                    31000)));
  }

  @Test
  void shouldNotServeWhatAnEarlierTypeLeftBehind() {
    // given a service that was a load balancer, whose ports and status no one has cleared
    ServiceInfo web =
        service(
            "",
            """
            {type: ClusterIP, clusterIP: 100.64.0.9, healthCheckNodePort: 31000,
             externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]}
            """,
            "{loadBalancer: {ingress: [{ip: 203.0.113.1}]}}");

    assertThat(web.ports()).containsExactly(new ServiceInfo.Port("", "TCP", 80));
    assertThat(web.external().loadBalancerIps()).isEmpty();
    assertThat(web.external().healthCheckNodePort()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          headless           |  | {clusterIP: None, externalIPs: [192.0.2.7], ports: [{port: 80}]}
          external name      |  | {type: ExternalName, externalName: a.b, clusterIP: '', ports: [{port: 80}]}
          no address yet     |  | {type: ClusterIP, ports: [{port: 80}]}
          labelled headless  | , labels: {service.kubernetes.io/headless: ''} | {clusterIP: 100.64.0.9, ports: [{port: 80}]}
          """)
  void shouldLeaveAloneWhatNoProxyServes(String name, String metadata, String spec) {
    ServiceInfo web = service(metadata == null ? "" : metadata, spec, "{}");

    assertThat(web.clusterIps()).isEmpty();
    assertThat(web.ports()).isEmpty();
    assertThat(web.external()).isEqualTo(ServiceInfo.External.NONE);
  }

  @Test
  void shouldFillInTheApisDefaults() {
    ServiceInfo web =
        service("{clusterIP: 100.64.0.9, sessionAffinity: ClientIP, ports: [{port: 80}]}");

    assertThat(web.type()).isEqualTo(ServiceInfo.Type.CLUSTER_IP);
    assertThat(web.affinitySeconds()).isEqualTo(10_800);
    assertThat(web.internalLocal()).isFalse();
    assertThat(web.external()).isSameAs(ServiceInfo.External.NONE);
    assertThat(web.ports()).containsExactly(new ServiceInfo.Port("", "TCP", 80));
  }

  @Test
  void shouldReadLabelAndAnnotation() {
    ServiceInfo web =
        service(
            """
            , labels: {service.kubernetes.io/service-proxy-name: other},
             annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: '10.0.0.0/8, 192.0.2.0/24'}
            """
                .strip(),
            "{type: LoadBalancer, clusterIP: 100.64.0.9, ports: [{port: 80}]}",
            "{loadBalancer: {ingress: [{ip: 203.0.113.1}]}}");

    assertThat(web.proxyName()).isEqualTo("other");
    assertThat(web.external().sourceRanges()).containsExactly("10.0.0.0/8", "192.0.2.0/24");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          nothing said            | {}                                                | READY
          ready                   | {ready: true, serving: true, terminating: false}  | READY
          ready of unknown state  | {serving: false}                                  | READY
          not ready               | {ready: false, serving: false}                    | UNUSED
          drains                  | {ready: false, serving: true, terminating: true}  | DRAINING
          drains, serving unknown | {ready: false, terminating: true}                 | DRAINING
          no more serving         | {ready: false, serving: false, terminating: true} | UNUSED
          published, terminating  | {ready: true, serving: false, terminating: true}  | READY
          """)
  void shouldReadTheConditionsAsTheApiDefinesThem(
      String name, String conditions, Condition expected) {
    assertThat(slice("IPv4", "[{addresses: [10.96.0.4], conditions: " + conditions + "}]"))
        .extracting(SliceInfo.Endpoint::condition)
        .containsExactly(expected);
  }

  @Test
  void shouldKeepWhereAnEndpointIsAndWhomItIsFor() {
    List<SliceInfo.Endpoint> endpoints =
        slice(
            "IPv6",
            """
            [{addresses: ['fd00::4', 'fd00::5'], nodeName: n1, zone: za,
              hints: {forZones: [{name: za}, {name: zb}], forNodes: [{name: n1}]}},
             {addresses: []}, {addresses: ['fd00::6']}]
            """);

    assertThat(endpoints)
        .extracting(
            SliceInfo.Endpoint::address, SliceInfo.Endpoint::node, SliceInfo.Endpoint::hints)
        .containsExactly(
            tuple("fd00::4", "n1", new Hints(List.of("za", "zb"), List.of("n1"))),
            tuple("fd00::6", "", Hints.NONE));
  }

  @Test
  void shouldKeepNothingOfSlicesOfNames() {
    assertThat(slice("FQDN", "[{addresses: [www.example.com]}]")).isEmpty();
  }

  private static List<SliceInfo.Endpoint> slice(String type, String endpoints) {
    String yaml =
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-a, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: %s
        ports: [{name: http, port: 8080, protocol: TCP}, {name: any}]
        endpoints: %s
        """
            .formatted(type, endpoints.strip().replace("\n", " "));
    SliceInfo slice =
        ReduceSlice.slice(new KubernetesSerialization().unmarshal(yaml, EndpointSlice.class));
    assertThat(slice.service()).isEqualTo(new ObjectKey("shop", "web"));
    return slice.endpoints();
  }

  @Test
  void shouldKeepOfANodeWhatServicesAskFor() {
    Node node =
        new KubernetesSerialization()
            .unmarshal(
                """
                apiVersion: v1
                kind: Node
                metadata: {name: n1, labels: {topology.kubernetes.io/zone: za}}
                spec: {podCIDRs: [10.96.0.0/24, 'fd00:96::/64']}
                status:
                  addresses:
                  - {type: InternalIP, address: 192.168.1.1}
                  - {type: InternalIP, address: 'fd00::1'}
                  - {type: ExternalIP, address: 203.0.113.9}
                  - {type: Hostname, address: n1}
                  daemonEndpoints: {kubeletEndpoint: {Port: 10250}}
                """,
                Node.class);

    assertThat(Reduce.node(node))
        .isEqualTo(
            new NodeInfo(
                new ObjectRef("v1", "Node", new ObjectKey("", "n1"), ""),
                "",
                List.of("192.168.1.1", "fd00::1"),
                List.of("203.0.113.9"),
                List.of("10.96.0.0/24", "fd00:96::/64"),
                "za",
                10250,
                List.of("192.168.1.1", "fd00::1", "203.0.113.9", "n1"),
                Map.of("topology.kubernetes.io/zone", "za")));
  }
}
