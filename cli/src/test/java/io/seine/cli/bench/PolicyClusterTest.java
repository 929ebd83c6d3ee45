package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.pipeline.Owner;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyClusterTest {
  private static final PolicyCluster SMALL = new PolicyCluster(50);
  private static final PolicyCluster LARGE = new PolicyCluster(500);

  @Test
  void shouldComeToTheSameForANodeWhateverElseThereIs() {
    for (PolicyCluster cluster : new PolicyCluster[] {SMALL, LARGE}) {
      var computation = new PolicyComputation();

      var owners = computation.compute(cluster, cluster.localPods());

      assertThat(computation.counts().subjects()).isEqualTo(PolicyCluster.PODS_OF_A_NODE);
      assertThat(computation.counts().pods()).isEqualTo(4 * cluster.namespaces());
      assertThat(computation.counts().networkPolicies()).isEqualTo(3 * cluster.namespaces());
      assertThat(PolicyComputation.flows(owners)).isPositive();
    }
  }

  @Test
  void aLabelThatChangesShouldTouchItsOwnFlowsOnly() {
    var computation = new PolicyComputation();
    var all = computation.compute(LARGE, LARGE.localPods());

    var left = computation.put(LARGE.relabelledNeighbour(7, true));
    var joined = computation.put(LARGE.relabelledNeighbour(7, false));

    assertThat(left).hasSize(1);
    assertThat(joined.keySet()).isEqualTo(left.keySet());
    Owner peer = joined.keySet().iterator().next();
    assertThat(left.get(peer)).isEmpty();
    assertThat(joined.get(peer)).isEqualTo(all.get(peer)).isPresent();
  }

  @Test
  void everyPodOfTheNodeShouldHaveANeighbourWhoseLabelMatters() {
    var cluster = new PolicyCluster(75); // three nodes: of each namespace another pod is here
    var computation = new PolicyComputation();
    var _ = computation.compute(cluster, cluster.localPods());

    for (int pod = 0; pod < PolicyCluster.PODS_OF_A_NODE; pod++) {
      assertThat(computation.put(cluster.relabelledNeighbour(pod, true))).hasSize(1);
      assertThat(computation.put(cluster.relabelledNeighbour(pod, false))).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 1000})
  void blocksShouldTakeFlowsInProportion(int blocks) {
    var computation = new PolicyComputation();
    var _ = computation.connect(BlockPolicies.pod(), BlockPolicies.port());

    int inOneRule = PolicyComputation.flows(computation.put(BlockPolicies.oneRule(blocks)));
    var _ = computation.remove(BlockPolicies.POLICY);
    int inRules = PolicyComputation.flows(computation.put(BlockPolicies.rules(blocks)));

    assertThat(inOneRule).isBetween(blocks, blocks + 10);
    assertThat(inRules).isBetween(3 * blocks, 3 * blocks + 15);
  }

  @Test
  void objectsShouldBeWhatTheApiHas() throws IOException {
    ObjectMapper json = new ObjectMapper();
    for (var collection :
        SyntheticPolicies.collections(
            SMALL, "node-1", SyntheticServices.node("node-1", "10.0.0.0/24", "192.0.2.1"))) {
      for (String item : collection.items()) {
        JsonNode object = json.readTree(item);
        assertThat(object.path("kind").asText()).isEqualTo(collection.kind());
        assertThat(object.path("metadata").path("name").asText()).isNotEmpty();
        assertThat(collection.path())
            .endsWith(collection.kind().toLowerCase(Locale.ROOT).replaceAll("y$", "ie") + "s");
      }
    }
  }
}
