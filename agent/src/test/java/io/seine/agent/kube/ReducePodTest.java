package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReducePodTest {
  private final ReducePod reduce = new ReducePod("n1");

  private static Pod pod(String name, String spec, String status) {
    String yaml =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: shop, uid: u1, labels: {app: web}}
        spec: %s
        status: %s
        """
            .formatted(name, spec, status);
    return new KubernetesSerialization().unmarshal(yaml, Pod.class);
  }

  @Test
  void shouldKeepWhatPolicyAsksFor() {
    PodInfo web =
        reduce.pod(
            pod(
                "web",
                """
                {nodeName: n1, containers: [
                 {name: a, ports: [{name: http, containerPort: 8080}, {containerPort: 9090}]},
                 {name: b, ports: [{name: dns, containerPort: 53, protocol: UDP}]}, {name: c}]}
                """
                    .replace("\n", " "),
                "{phase: Running, podIPs: [{ip: 10.96.0.4}, {ip: 'fd00::4'}], podIP: 10.96.0.4}"));

    assertThat(web)
        .isEqualTo(
            new PodInfo(
                new ObjectRef("v1", "Pod", new ObjectKey("shop", "web"), "u1"),
                "n1",
                List.of("10.96.0.4", "fd00::4"),
                false,
                false,
                Map.of("app", "web"),
                List.of(
                    new PodInfo.NamedPort("http", "TCP", 8080),
                    new PodInfo.NamedPort("dns", "UDP", 53))));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          runs here              | {nodeName: n1}                    | {phase: Running, podIP: 10.96.0.4}   | true
          starts here            | {nodeName: n1}                    | {phase: Pending}                     | true
          has ended here         | {nodeName: n1}                    | {phase: Failed, podIP: 10.96.0.4}    | true
          uses this node's own   | {nodeName: n1, hostNetwork: true} | {phase: Running, podIP: 192.168.1.1} | true
          runs elsewhere         | {nodeName: n2}                    | {phase: Running, podIP: 10.96.1.4}   | true
          starts elsewhere       | {nodeName: n2}                    | {phase: Pending}                     | false
          has an address already | {nodeName: n2}                    | {phase: Pending, podIP: 10.96.1.4}   | true
          succeeded elsewhere    | {nodeName: n2}                    | {phase: Succeeded, podIP: 10.96.1.4} | false
          failed elsewhere       | {nodeName: n2}                    | {phase: Failed, podIP: 10.96.1.4}    | false
          uses another's own     | {nodeName: n2, hostNetwork: true} | {phase: Running, podIP: 192.168.1.2} | true
          is nowhere yet         | {}                                | {}                                   | false
          """)
  void shouldKeepOfOtherNodesOnlyWhoMayBeAPeer(
      String name, String spec, String status, boolean kept) {
    assertThat(reduce.kept(pod("web", spec, status)).isPresent()).isEqualTo(kept);
  }

  @Test
  void shouldShareWhatManyPodsHaveInCommon() {
    String spec =
        "{nodeName: n2, containers: [{name: a, ports: [{name: http, containerPort: 1}]}]}";
    PodInfo one = reduce.pod(pod("one", spec, "{podIP: 10.96.1.4}"));
    PodInfo two = reduce.pod(pod("two", spec, "{podIP: 10.96.1.5}"));

    assertThat(two.labels()).isSameAs(one.labels());
    assertThat(two.ports()).isSameAs(one.ports());
    assertThat(two.node()).isSameAs(one.node());
    assertThat(two.ref().uid()).isEmpty();
  }
}
