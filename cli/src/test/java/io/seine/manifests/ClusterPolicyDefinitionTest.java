package io.seine.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The definition of ClusterNetworkPolicy says what the types of v1alpha2 say. */
class ClusterPolicyDefinitionTest {
  private static CustomResourceDefinition definition = new CustomResourceDefinition();

  @BeforeAll
  static void read() throws IOException {
    definition =
        new KubernetesSerialization()
            .unmarshal(
                Files.readString(RepositoryFiles.path("manifests/clusternetworkpolicy.yaml")),
                CustomResourceDefinition.class);
  }

  private static CustomResourceDefinitionVersion version() {
    assertThat(definition.getSpec().getVersions()).hasSize(1);
    return definition.getSpec().getVersions().getFirst();
  }

  /** The schema at a path; {@code *} is what an array has. */
  private static JSONSchemaProps at(String path) {
    JSONSchemaProps schema = version().getSchema().getOpenAPIV3Schema();
    for (String step : path.split("\\.", -1)) {
      JSONSchemaProps next =
          step.equals("*") ? schema.getItems().getSchema() : schema.getProperties().get(step);
      schema = Objects.requireNonNull(next, step + " in " + path);
    }
    return schema;
  }

  private static List<String> rules(String path) {
    return at(path).getXKubernetesValidations().stream().map(r -> r.getRule()).toList();
  }

  @Test
  void shouldBeUnderstoodWholeByTheApi() throws ReflectiveOperationException {
    List<String> unknown = new ArrayList<>();
    UnknownFields.find(definition, "definition", unknown);

    assertThat(unknown).isEmpty();
    // The API server does not serve a resource of this group without it.
    assertThat(definition.getMetadata().getAnnotations()).containsKey("api-approved.kubernetes.io");
  }

  @Test
  void shouldDefineTheResourceThatTheAgentReads() {
    assertThat(definition.getSpec().getGroup()).isEqualTo("policy.networking.k8s.io");
    assertThat(definition.getSpec().getScope()).isEqualTo("Cluster");
    assertThat(definition.getSpec().getNames().getKind()).isEqualTo("ClusterNetworkPolicy");
    assertThat(definition.getSpec().getNames().getPlural()).isEqualTo("clusternetworkpolicies");
    assertThat(definition.getSpec().getNames().getShortNames()).containsExactly("cnp");
    assertThat(definition.getMetadata().getName())
        .isEqualTo("clusternetworkpolicies.policy.networking.k8s.io");
    assertThat(version().getName()).isEqualTo("v1alpha2");
    assertThat(version().getServed()).isTrue();
    assertThat(version().getStorage()).isTrue();
    assertThat(version().getSubresources().getStatus()).isNotNull();
    assertThat(version().getAdditionalPrinterColumns())
        .extracting(c -> c.getName() + " " + c.getType() + " " + c.getJsonPath())
        .containsExactly(
            "Tier string .spec.tier",
            "Priority string .spec.priority",
            "Age date .metadata.creationTimestamp");
  }

  @Test
  void shouldDemandWhatMustBeSaid() {
    assertThat(at("spec").getRequired()).containsExactlyInAnyOrder("tier", "priority", "subject");
    assertThat(at("spec.ingress.*").getRequired()).containsExactlyInAnyOrder("action", "from");
    assertThat(at("spec.egress.*").getRequired()).containsExactlyInAnyOrder("action", "to");
    assertThat(at("spec.subject.pods").getRequired()).containsExactly("podSelector");
    assertThat(at("spec.priority").getMaximum().intValue()).isEqualTo(1000);
    assertThat(at("spec.tier").getEnum().stream().map(n -> n.asText()))
        .containsExactly("Admin", "Baseline");
    assertThat(at("spec.egress.*.action").getEnum().stream().map(n -> n.asText()))
        .containsExactly("Accept", "Deny", "Pass");
  }

  @Test
  void shouldAllowExactlyOneKindOfPeerSubjectAndProtocol() {
    for (String path :
        List.of(
            "spec.subject",
            "spec.ingress.*.from.*",
            "spec.egress.*.to.*",
            "spec.ingress.*.protocols.*",
            "spec.egress.*.protocols.*",
            "spec.egress.*.protocols.*.tcp.destinationPort")) {
      assertThat(at(path).getMinProperties()).as(path).isEqualTo(1);
      assertThat(at(path).getMaxProperties()).as(path).isEqualTo(1);
    }
    assertThat(at("spec.egress.*.to.*").getProperties())
        .containsOnlyKeys("namespaces", "pods", "nodes", "networks", "domainNames");
    assertThat(at("spec.ingress.*.from.*").getProperties()).containsOnlyKeys("namespaces", "pods");
    assertThat(at("spec.ingress.*.protocols.*").getProperties())
        .containsOnlyKeys("tcp", "udp", "sctp", "destinationNamedPort");
  }

  @Test
  void shouldLimitHowManyOfEach() {
    for (String path : List.of("spec.ingress", "spec.egress")) {
      assertThat(at(path).getMaxItems()).as(path).isEqualTo(25);
    }
    for (String path :
        List.of(
            "spec.ingress.*.from",
            "spec.egress.*.to",
            "spec.egress.*.protocols",
            "spec.egress.*.to.*.networks",
            "spec.egress.*.to.*.domainNames")) {
      assertThat(at(path).getMinItems()).as(path).isEqualTo(1);
      assertThat(at(path).getMaxItems()).as(path).isEqualTo(25);
    }
  }

  @Test
  void shouldValidateWhatASchemaAloneCannot() {
    assertThat(rules("spec.egress.*.to.*.networks.*")).containsExactly("isCIDR(self)");
    assertThat(rules("spec.ingress.*.protocols.*.udp.destinationPort.range"))
        .containsExactly("self.start < self.end");
    assertThat(rules("spec.egress.*"))
        .singleElement()
        .asString()
        .contains("has(protocol.destinationNamedPort)")
        .doesNotContain("\n");
  }

  @Test
  void shouldGiveEveryValueAType() {
    untyped("definition", version().getSchema().getOpenAPIV3Schema());
  }

  /** A structural schema, without which no field would be kept. */
  private static void untyped(String path, JSONSchemaProps schema) {
    assertThat(schema.getType()).as(path).isNotNull();
    if (schema.getItems() != null) {
      untyped(path + ".*", schema.getItems().getSchema());
    }
    Map<String, JSONSchemaProps> properties = schema.getProperties();
    if (properties != null) {
      properties.forEach((name, property) -> untyped(path + "." + name, property));
    }
  }
}
