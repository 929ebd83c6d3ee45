package io.seine.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.sandbox.Manifests;
import io.seine.sandbox.Probe;
import io.seine.sandbox.QuietLogging;
import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.control.Pods;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import picocli.CommandLine;

/**
 * {@code seine why} and {@code seine flows --policy} on a cluster of two nodes of both families.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WhySystemTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** {@code client} and {@code web-1} are on node-1, {@code web-2} is on node-2. */
  private static final String OBJECTS =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: client, namespace: default, labels: {role: client}}
      spec: {nodeName: node-1, containers: [{name: c, image: c}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: other, namespace: default, labels: {role: other}}
      spec: {nodeName: node-2, containers: [{name: c, image: c}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web-1, namespace: default, labels: {app: web}}
      spec: {nodeName: node-1, containers: [{name: c, image: c, ports: [{name: http, containerPort: 8080}]}]}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web-2, namespace: default, labels: {app: web}}
      spec: {nodeName: node-2, containers: [{name: c, image: c, ports: [{name: http, containerPort: 8080}]}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: default}
      spec:
        type: LoadBalancer
        ipFamilyPolicy: PreferDualStack
        selector: {app: web}
        ports: [{name: t, port: 80, targetPort: http, nodePort: 30080}]
      status: {loadBalancer: {ingress: [{ip: 198.51.100.10}]}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: here, namespace: default}
      spec:
        type: LoadBalancer
        internalTrafficPolicy: Local
        externalTrafficPolicy: Local
        selector: {role: other}
        ports: [{port: 80, targetPort: 8080}, {name: sctp, port: 132, protocol: SCTP}]
      status: {loadBalancer: {ingress: [{ip: 198.51.100.11}]}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: affine, namespace: default}
      spec:
        sessionAffinity: ClientIP
        selector: {app: web}
        ports: [{port: 80, targetPort: 8080}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: bare, namespace: default}
      spec:
        clusterIP: None
        selector: {app: web}
        ports: [{name: t, port: 80, targetPort: http}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: empty, namespace: default}
      spec:
        selector: {app: nobody}
        ports: [{port: 80}]
      """;

  private static final String POLICY =
      """
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: web, namespace: default}
      spec:
        podSelector: {matchLabels: {app: web}}
        ingress:
        - from: [{podSelector: {matchLabels: {role: client}}}, {ipBlock: {cidr: 203.0.113.0/24}}]
          ports: [{port: http}]
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: trial, namespace: default, annotations: {seine.io/dry-run: "true"}}
      spec:
        podSelector: {matchLabels: {role: other}}
      """;

  private final String name = "y" + UUID.randomUUID().toString().substring(0, 6);
  private Sandbox sandbox;

  private record Ran(int exit, String out) {}

  /** What is asked, what comes out, and what the answer has to say. */
  private record Case(int exit, List<String> asked, List<String> says) {
    static Case of(int exit, String asked, String... says) {
      return new Case(exit, List.of(asked.split(" ")), List.of(says));
    }
  }

  @BeforeAll
  void up() {
    QuietLogging.use();
    sandbox =
        Sandbox.up(
            SandboxSpec.ofNodes(name, 2, SandboxSpec.Stack.DUAL)
                .withAgentOptions(
                    Map.of("auditInterval", "10m", "externalIpCidrs", List.of("198.51.100.0/24"))),
            (what, took) -> {});
    Manifests.apply(sandbox.view().client(), OBJECTS);
    await()
        .atMost(LIMIT)
        .untilAsserted(() ->
            assertThat(sandbox.view().client().pods().inNamespace("default").list().getItems())
                .hasSize(4)
                .allMatch(Pods::isReady));
  }

  @AfterAll
  void down() {
    if (sandbox != null) {
      sandbox.close();
    }
    assertThat(Sandbox.hasRemains(name)).isFalse();
  }

  @Test
  @Order(1)
  void withoutPoliciesAllIsAllowedAndConfirmed() {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(why("client", "svc/web:80").exit()).isZero());
    check(
        Case.of(0, "client web-2:8080", "the switches agree", "fd00:", "leaves by the tunnel"),
        Case.of(0, "web-1 svc/web:80", "a pod cannot block access to itself"));
  }

  @Test
  @Order(2)
  void whatPoliciesSayOfWhomeverIsConfirmed() throws IOException {
    Manifests.apply(sandbox.view().client(), POLICY);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          Ran denied = why("other", "svc/web:80");
          assertThat(denied.exit()).as(denied.out()).isEqualTo(1);
          assertThat(denied.out())
              .contains("NetworkPolicy default/web, default DENIES")
              .contains("networkpolicy/default/web ingress default");
          assertThat(why("client", "other").out()).contains("a dry run would deny it");
        });
    var _ =
        new Probe(sandbox.view().pod(pod("client")), Duration.ofSeconds(5))
            .http(clusterIp("affine"), 80);
    String there = address("web-2");
    String other = address("other");
    check(
        // both families, by name, by address, by the name of a port; a ping is not of the port
        Case.of(0, "client web-2:http", "default/web, rule 0 ALLOWS", "fd00:"),
        Case.of(0, "client " + there + ":8080", "ALLOWED"),
        Case.of(1, "client web-2:8081", "DENIED"),
        Case.of(1, "client web-1", "ICMP: DENIED"),
        Case.of(1, "other [" + address6("web-1") + "]:8080", "DENIED", "the switches agree"),
        // nodes: their own pods they always reach, other nodes' pods only if a policy says so
        Case.of(0, "node/node-2 web-2:8080", "may always speak to each other", "agree"),
        Case.of(1, "node/node-1 web-2:8080", "DENIED", "the switches agree"),
        Case.of(0, "web-1 node/node-2:22", "ALLOWED", "the node's gateway"),
        Case.of(0, "node-1 node-2:22", "no switch of Seine's sees it"),
        // outside
        Case.of(0, "203.0.113.7 web-1:8080", "ALLOWED", "as if the client's address were kept"),
        Case.of(1, "192.0.2.7 web-1:8080", "DENIED", "the switches agree"),
        Case.of(0, "web-1 192.0.2.7:443", "ALLOWED", "the switches agree"),
        Case.of(
            1,
            "203.0.113.7 svc/web:80",
            "ALLOWED IN PART",
            "comes in by node-1",
            "the switches agree"),
        // services
        Case.of(0, "client svc/web:t", "and so, by the same rules, to", "the switches agree"),
        Case.of(0, "client 198.51.100.10:80", "ALLOWED", "the switches agree"),
        Case.of(0, "client node/node-1:30080", "by a node port of service/default/web"),
        Case.of(1, "client node/node-2:30080", "DENIED", "the switches agree"),
        Case.of(0, "client svc/affine:80", "session affinity keeps the client", "agree"),
        Case.of(0, "client svc/bare:t", "headless", "the switches agree"),
        Case.of(1, "client svc/bare:80", "DENIED", "TCP 80"),
        Case.of(1, "client svc/here:80", "NO ENDPOINT", "internalTrafficPolicy is Local", "agree"),
        Case.of(
            0,
            "192.0.2.7 svc/here:80",
            "only endpoints on node-2: externalTrafficPolicy is Local",
            "ALLOWED (a dry run would deny it)"),
        Case.of(0, "web-2 svc/here:sctp", "SCTP 132: ALLOWED", "the switches agree"),
        Case.of(1, "client svc/empty:80", "NO ENDPOINT", "it is refused", "agree"),
        Case.of(1, "web-1 svc/web:80", "ALLOWED IN PART", "block access to itself"),
        // a dry run
        Case.of(
            0,
            "client " + other + ":9/udp",
            "ALLOWED (a dry run would deny it)",
            "would be denied in a dry run: NetworkPolicy  NetworkPolicy default/trial, default"),
        // what cannot be told
        Case.of(2, "client nobody", "there is no running pod default/nobody"),
        Case.of(2, "web client", "default/web may be each of web-1, web-2"),
        Case.of(2, "client svc/web:81", "has no TCP 81; it has TCP 80 (t)"),
        Case.of(2, "client web-1:ssh", "no container of pod/default/web-1 has a port ssh"),
        Case.of(2, "client web-1:80/icmp", "the protocol is tcp, udp or sctp"));
    assertThat(why("client", "svc/web:80", "-o", "json").out())
        .contains("\"verdict\" : \"allowed\"", "\"confirmed\" : true", "\"disagreement\" : false");
    assertThat(run("flows", "--policy", "default/web").out())
        .contains("pods default: role=client")
        .contains("TCP/8080");
    assertThat(run("flows", "diff").exit()).isZero();
  }

  @Test
  @Order(3)
  void aChangedSwitchIsShouted() {
    sandbox
        .view()
        .nodes()
        .forEach(node ->
            node.ovs()
                .ofctl(
                    "-O",
                    "OpenFlow15",
                    "add-flow",
                    "br-int",
                    "table=43,priority=65000,ip,actions=goto_table:50"));

    Ran shouted = why("other", "svc/web:80");
    assertThat(shouted.exit()).as(shouted.out()).isEqualTo(3);
    assertThat(shouted.out()).contains("!!! THE SWITCH DOES NOT DO WHAT THE POLICIES SAY !!!");
  }

  private void check(Case... cases) {
    SoftAssertions all = new SoftAssertions();
    for (Case one : cases) {
      Ran ran = why(one.asked().toArray(String[]::new));
      all.assertThat(ran.exit()).as("%s:%n%s", one.asked(), ran.out()).isEqualTo(one.exit());
      all.assertThat(ran.out()).as("%s", one.asked()).contains(one.says());
    }
    all.assertAll();
  }

  private io.fabric8.kubernetes.api.model.Pod pod(String pod) {
    return sandbox.view().client().pods().inNamespace("default").withName(pod).get();
  }

  private String address(String pod) {
    return pod(pod).getStatus().getPodIP();
  }

  private String address6(String pod) {
    return pod(pod).getStatus().getPodIPs().getLast().getIp();
  }

  private String clusterIp(String service) {
    return sandbox
        .view()
        .client()
        .services()
        .inNamespace("default")
        .withName(service)
        .get()
        .getSpec()
        .getClusterIP();
  }

  private Ran why(String... arguments) {
    List<String> all = new ArrayList<>(List.of("why"));
    all.addAll(Arrays.asList(arguments));
    return run(all.toArray(String[]::new));
  }

  private Ran run(String... arguments) {
    StringWriter text = new StringWriter();
    CommandLine seine = Main.commandLine();
    seine.setOut(new PrintWriter(text, true));
    seine.setErr(new PrintWriter(text, true));
    String[] all = Arrays.copyOf(arguments, arguments.length + 2);
    all[arguments.length] = "--name";
    all[arguments.length + 1] = name;
    return new Ran(seine.execute(all), text.toString());
  }
}
