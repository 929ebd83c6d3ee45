package io.seine.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Applies and deletes the objects of manifest files, as `kubectl apply -f` and `delete -f` do. */
public final class Manifests {
  private static final String DEFAULT_NAMESPACE = "default";

  private Manifests() {}

  /**
   * Creates what is not there and merges the rest into what is.
   *
   * @return a line for each object, such as {@code service/web created}
   * @throws SandboxException if the text is no manifest
   */
  public static List<String> apply(KubernetesClient client, String manifest) {
    List<String> lines = new ArrayList<>();
    for (HasMetadata object : parse(client, manifest)) {
      HasMetadata present = client.resource(object).get();
      if (present == null) {
        client.resource(object).create();
      } else {
        keepAllocated(object, present);
        client
            .resource(present)
            .patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch(client, object));
      }
      lines.add(label(object) + (present == null ? " created" : " configured"));
    }
    return lines;
  }

  /** Deletes the objects, last first; those that are not there are reported, not errors. */
  public static List<String> delete(KubernetesClient client, String manifest) {
    List<String> lines = new ArrayList<>();
    for (HasMetadata object : parse(client, manifest).reversed()) {
      boolean there = client.resource(object).get() != null;
      if (there) {
        client.resource(object).delete();
      }
      lines.add(label(object) + (there ? " deleted" : " not found"));
    }
    return lines;
  }

  private static List<HasMetadata> parse(KubernetesClient client, String manifest) {
    List<HasMetadata> objects;
    try {
      objects =
          client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8))).items();
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new SandboxException("not a manifest", e);
    }
    if (objects.isEmpty()) {
      throw new SandboxException("the manifest holds no object");
    }
    for (HasMetadata object : objects) {
      if (object.getMetadata().getNamespace() == null
          && !(object instanceof Namespace)
          && !(object instanceof Node)) {
        object.getMetadata().setNamespace(DEFAULT_NAMESPACE);
      }
    }
    return objects;
  }

  /** A list is replaced whole by a merge patch: node ports that were given out must be in it. */
  private static void keepAllocated(HasMetadata object, HasMetadata present) {
    if (object instanceof Service fresh && present instanceof Service old) {
      for (ServicePort port : fresh.getSpec().getPorts()) {
        old.getSpec().getPorts().stream()
            .filter(p -> Objects.equals(p.getPort(), port.getPort()) && port.getNodePort() == null)
            .findFirst()
            .ifPresent(p -> port.setNodePort(p.getNodePort()));
      }
    }
  }

  private static String mergePatch(KubernetesClient client, HasMetadata object) {
    KubernetesSerialization json = client.getKubernetesSerialization();
    ObjectNode tree = json.convertValue(object, ObjectNode.class);
    tree.remove("status");
    return json.asJson(tree);
  }

  private static String label(HasMetadata object) {
    return object.getKind().toLowerCase(Locale.ROOT) + "/" + object.getMetadata().getName();
  }
}
