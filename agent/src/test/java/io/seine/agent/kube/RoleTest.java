package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The role in the manifests grants what the agent asks of the API, and nothing beside it. */
class RoleTest {

  private static final List<String> EVENTS = List.of("/events create", "/events patch");

  @Test
  void theAgentMayDoWhatItDoesAndNoMore() throws IOException {
    Set<String> needed = new TreeSet<>(EVENTS);
    needed.addAll(List.of("/pods get", "/namespaces get"));
    needed.add("policy.networking.k8s.io/clusternetworkpolicies/status patch");
    for (Kind<?, ?> kind :
        List.of(
            Kind.nodes(),
            Kind.services(),
            Kind.slices(),
            Kind.pods("node1"),
            Kind.namespaces(),
            Kind.networkPolicies(),
            Kind.clusterPolicies())) {
      List<String> path = List.of(kind.path().split("/", -1));
      String group = path.get(0).equals("api") ? "" : path.get(1);
      Stream.of("list", "watch")
          .forEach(verb -> needed.add(group + "/" + path.getLast() + " " + verb));
    }

    assertThat(granted()).isEqualTo(needed);
  }

  private static Set<String> granted() throws IOException {
    Set<String> granted = new TreeSet<>();
    for (var rule : role().getRules()) {
      assertThat(rule.getResourceNames()).isEmpty();
      assertThat(rule.getNonResourceURLs()).isEmpty();
      for (String group : rule.getApiGroups()) {
        for (String resource : rule.getResources()) {
          rule.getVerbs().forEach(verb -> granted.add(group + "/" + resource + " " + verb));
        }
      }
    }
    return granted;
  }

  private static ClusterRole role() throws IOException {
    String manifest =
        Files.readString(Path.of("..", "manifests", "seine.yaml").toAbsolutePath().normalize());
    return Arrays.stream(manifest.split("(?m)^---$", -1))
        .map(document -> new KubernetesSerialization().<Object>unmarshal(document))
        .filter(ClusterRole.class::isInstance)
        .map(ClusterRole.class::cast)
        .findFirst()
        .orElseThrow();
  }
}
