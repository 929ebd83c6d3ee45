package io.seine.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.config.ConfigReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {

  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private static List<HasMetadata> objects = List.of();

  @BeforeAll
  static void readManifest() throws IOException {
    objects = new ArrayList<>();
    for (String document :
        Files.readString(RepositoryFiles.path("manifests/seine.yaml")).split("(?m)^---$", -1)) {
      objects.add(YAML.unmarshal(document));
    }
  }

  @Test
  void everyObjectIsOfAKnownKindAndHasNoFieldThatTheApiDoesNotKnow()
      throws ReflectiveOperationException {
    assertThat(objects)
        .hasSize(6)
        .doesNotHaveAnyElementsOfTypes(
            io.fabric8.kubernetes.api.model.GenericKubernetesResource.class);
    List<String> unknown = new ArrayList<>();
    for (HasMetadata object : objects) {
      UnknownFields.find(object, object.getKind(), unknown);
    }
    assertThat(unknown).isEmpty();
  }

  @Test
  void aMisspeltFieldWouldBeFound() throws ReflectiveOperationException {
    HasMetadata wrong =
        YAML.unmarshal(
            """
            apiVersion: apps/v1
            kind: DaemonSet
            metadata: {name: x}
            spec: {template: {spec: {containers: [{name: a, imagePullPolice: Never}]}}}
            """);
    List<String> unknown = new ArrayList<>();
    UnknownFields.find(wrong, "DaemonSet", unknown);

    assertThat(unknown)
        .containsExactly("DaemonSet.spec.template.spec.containers[0].imagePullPolice");
  }

  @Test
  void selectorsSelectTheirOwnPods() {
    assertThat(daemonSets())
        .allSatisfy(set ->
            assertThat(set.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(set.getSpec().getSelector().getMatchLabels()));
  }

  @Test
  void bothRunOnEveryNodeBeforeAnythingElseAndWithoutPrivilege() {
    for (DaemonSet set : daemonSets()) {
      PodSpec pod = set.getSpec().getTemplate().getSpec();
      assertThat(pod.getHostNetwork()).isTrue();
      assertThat(pod.getPriorityClassName()).isEqualTo("system-node-critical");
      assertThat(pod.getTolerations())
          .singleElement()
          .satisfies(toleration -> assertThat(toleration.getOperator()).isEqualTo("Exists"));
      assertThat(containers(pod))
          .allSatisfy(container -> {
            assertThat(container.getSecurityContext().getPrivileged()).isNotEqualTo(true);
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
          });
    }
  }

  @Test
  void everyContainerSaysWhatItNeedsAndAtMostTakes() {
    for (DaemonSet set : daemonSets()) {
      for (Container container : containers(set.getSpec().getTemplate().getSpec())) {
        Map<String, Quantity> requests = container.getResources().getRequests();
        Map<String, Quantity> limits = container.getResources().getLimits();
        assertThat(requests).as(container.getName()).containsKeys("cpu", "memory");
        assertThat(memory(limits)).as(container.getName()).isGreaterThanOrEqualTo(memory(requests));
      }
    }
  }

  @Test
  void everyMountHasItsVolume() {
    for (DaemonSet set : daemonSets()) {
      PodSpec pod = set.getSpec().getTemplate().getSpec();
      List<String> volumes = pod.getVolumes().stream().map(volume -> volume.getName()).toList();
      List<String> mounted =
          containers(pod).stream()
              .flatMap(container -> container.getVolumeMounts().stream())
              .map(VolumeMount::getName)
              .distinct()
              .toList();
      assertThat(mounted).containsExactlyInAnyOrderElementsOf(volumes);
    }
  }

  @Test
  void openVswitchIsReplacedOnlyByHandAndKeepsItsDatabase() {
    DaemonSet ovs = daemonSet("seine-ovs");

    assertThat(ovs.getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
    assertThat(ovs.getSpec().getTemplate().getSpec().getVolumes())
        .allSatisfy(volume -> assertThat(volume.getHostPath()).as(volume.getName()).isNotNull());
  }

  @Test
  void theAgentIsProbedWhereItListens() throws Exception {
    AgentConfig config = agentConfig();
    Container agent =
        daemonSet("seine-agent").getSpec().getTemplate().getSpec().getContainers().get(0);

    assertThat(agent.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/healthz");
    assertThat(agent.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
    for (var probe : List.of(agent.getLivenessProbe(), agent.getReadinessProbe())) {
      assertThat(probe.getHttpGet().getPort().getIntVal()).isEqualTo(config.httpPort());
    }
    assertThat(Files.readString(RepositoryFiles.path("manifests/images/agent/run-agent")))
        .contains("offer-cni " + config.httpPort() + " ");
  }

  @Test
  void theAgentTakesItsConfiguration() throws Exception {
    assertThat(agentConfig().serviceCidrs()).isNotEmpty();
  }

  @Test
  void theConflistNamesTheExecutableAndTheAgentsSocket() throws Exception {
    JsonNode conflist = JSON.readTree(data("10-seine.conflist"));
    List<String> types = new ArrayList<>();
    conflist.get("plugins").forEach(plugin -> types.add(plugin.get("type").asText()));

    assertThat(types).containsExactly("seine-cni", "portmap", "bandwidth");
    assertThat(conflist.get("plugins").get(0).get("agentSocket").asText())
        .isEqualTo(agentConfig().cniSocket().toString());
    assertThat(conflist.get("cniVersion").asText()).isEqualTo("1.0.0");
    assertThat(conflist.get("cniVersions"))
        .extracting(JsonNode::asText)
        .containsExactly("1.0.0", "1.1.0");
  }

  @Test
  void theServiceAccountIsBoundToTheRole() {
    ClusterRole role = only(ClusterRole.class);
    ClusterRoleBinding binding = only(ClusterRoleBinding.class);

    assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
    assertThat(binding.getSubjects())
        .singleElement()
        .satisfies(subject ->
            assertThat(subject.getName())
                .isEqualTo(
                    daemonSet("seine-agent")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getServiceAccountName()));
    assertThat(
            daemonSet("seine-ovs")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getAutomountServiceAccountToken())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent/Dockerfile", "ovs/Dockerfile"})
  void theImagesHoldWhatTheContainersRun(String dockerfile) throws IOException {
    String text = Files.readString(RepositoryFiles.path("manifests/images/" + dockerfile));
    DaemonSet set = daemonSet("seine-" + dockerfile.substring(0, dockerfile.indexOf('/')));

    for (Container container : containers(set.getSpec().getTemplate().getSpec())) {
      container.getCommand().stream()
          .filter(word -> word.startsWith("/opt/seine/"))
          .map(word -> word.substring(word.lastIndexOf('/') + 1))
          .forEach(file -> assertThat(text).as(container.getName()).contains(file));
    }
  }

  private static AgentConfig agentConfig() throws Exception {
    return ConfigReader.parse(
        "agent.yaml", data("agent.yaml"), name -> name.equals("NODE_NAME") ? "node1" : "");
  }

  private static List<Container> containers(PodSpec pod) {
    return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream()).toList();
  }

  private static String data(String key) {
    return Objects.requireNonNull(only(ConfigMap.class).getData().get(key), key);
  }

  private static BigDecimal memory(Map<String, Quantity> amounts) {
    return Objects.requireNonNull(amounts.get("memory")).getNumericalAmount();
  }

  private static List<DaemonSet> daemonSets() {
    return objects.stream().filter(DaemonSet.class::isInstance).map(DaemonSet.class::cast).toList();
  }

  private static DaemonSet daemonSet(String name) {
    return daemonSets().stream()
        .filter(set -> set.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static <T> T only(Class<T> type) {
    List<T> found = objects.stream().filter(type::isInstance).map(type::cast).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }
}
