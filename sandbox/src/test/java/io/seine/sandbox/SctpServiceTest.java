package io.seine.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Event;
import io.seine.sandbox.node.NodeOvs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Services of SCTP on the installed Open vSwitch: where it cannot translate the ports of SCTP, a
 * service that needs it is told so, by an Event and in the status of every agent, and no other.
 */
@Tag("system")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith({ServiceCluster.Shared.class, Diagnostics.class})
class SctpServiceTest implements Diagnostics.OnSandbox {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String REASON = "SCTPPortNotServed";
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: another}
      spec: {selector: {app: web}, ports: [{protocol: SCTP, port: 80, targetPort: 8080}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: same}
      spec: {selector: {app: web}, ports: [{protocol: SCTP, port: 8080}]}
      """;
  private final ServiceCluster cluster;
  private final Scene scene;
  private final boolean translated = !NodeOvs.version().matches(".* 3\\.[1-4]\\..*");

  SctpServiceTest(ServiceCluster cluster) {
    this.cluster = cluster;
    this.scene = cluster.scene();
  }

  @Override
  public SandboxView view() {
    return cluster.view();
  }

  @BeforeAll
  void services() {
    scene.apply(SERVICES);
    scene.web(1, 2);
  }

  @AfterAll
  void end() {
    scene.close();
  }

  @Test
  void theStatusOfEveryNodeSaysWhatItsSwitchCanDoAndWhatIsRefused() {
    List<String> expected = translated ? List.of() : List.of("another");
    for (int node = 1; node <= 3; node++) {
      int number = node;
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            JsonNode services = status(number).at("/services");
            assertThat(services.at("/sctpPortsTranslated").isBoolean()).isTrue();
            assertThat(services.at("/sctpPortsTranslated").booleanValue()).isEqualTo(translated);
            assertThat(refused(services.at("/problems"))).isEqualTo(expected);
          });
    }
  }

  @Test
  void onlyTheServiceThatCannotBeServedGetsAnEvent() {
    if (!translated) {
      await()
          .atMost(LIMIT)
          .untilAsserted(() ->
              assertThat(scene.events("another"))
                  .anySatisfy(event -> {
                    assertThat(event.getReason()).isEqualTo(REASON);
                    assertThat(event.getMessage()).contains("port 80/SCTP is refused");
                  }));
    }
    assertThat(scene.events("same")).extracting(Event::getReason).doesNotContain(REASON);
  }

  private JsonNode status(int node) throws IOException {
    return new ObjectMapper().readTree(cluster.sandboxNode(node).agent().get("/status").body());
  }

  /** The services of this test that are told so. */
  private List<String> refused(JsonNode problems) {
    List<String> names = new ArrayList<>();
    for (JsonNode problem : problems) {
      String object = problem.path("object").asText();
      if (problem.path("reason").asText().equals(REASON)
          && object.contains(scene.namespace() + "/")) {
        names.add(object.substring(object.lastIndexOf('/') + 1));
      }
    }
    return names;
  }
}
