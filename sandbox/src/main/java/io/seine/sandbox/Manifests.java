package io.seine.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.sandbox.control.Conflicts;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Applies and deletes the objects of manifest files, as `kubectl apply -f` and `delete -f` do. */
public final class Manifests {
  private static final String DEFAULT_NAMESPACE = "default";
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final Set<String> CLUSTER_WIDE =
      Set.of("Namespace", "Node", "ClusterNetworkPolicy", "CustomResourceDefinition");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Manifests() {}

  /**
   * Creates what is not there and merges the rest into what is: members that an earlier apply set
   * and this one does not are removed, those that others set stay. The load balancer addresses in a
   * Service's status are set too.
   *
   * @return a line for each object, such as {@code service/web created}
   * @throws SandboxException if the text is no manifest
   */
  public static List<String> apply(KubernetesClient client, String manifest) {
    return apply(client, manifest, DEFAULT_NAMESPACE);
  }

  /** As {@link #apply(KubernetesClient, String)}; what names no namespace goes into this one. */
  public static List<String> apply(KubernetesClient client, String manifest, String namespace) {
    List<String> lines = new ArrayList<>();
    for (HasMetadata object : parse(client, manifest, namespace)) {
      boolean there = Conflicts.retry(() -> apply(client, object));
      if (object instanceof Service service) {
        setStatus(client, service);
      }
      lines.add(label(object) + (there ? " configured" : " created"));
    }
    return lines;
  }

  /**
   * Applies one object; true if there was one already. A conflict means that somebody changed it
   * meanwhile.
   */
  private static boolean apply(KubernetesClient client, HasMetadata object) {
    HasMetadata present = client.resource(object).get();
    ObjectNode wanted = wanted(client, object);
    if (present == null) {
      annotate(object, wanted);
      client.resource(object).create();
      return false;
    }
    ObjectNode before = lastApplied(present);
    keepAllocated(object, present);
    annotate(object, wanted);
    ObjectNode patch = wanted(client, object);
    removeWhatIsLeftOut(before, patch);
    KubernetesSerialization json = client.getKubernetesSerialization();
    ObjectNode merged = json.convertValue(present, ObjectNode.class);
    merge(merged, patch);
    client.resource(json.convertValue(merged, object.getClass())).update();
    return true;
  }

  /** A JSON merge patch (RFC 7396), which the embedded API server does not do right for lists. */
  private static void merge(ObjectNode target, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> member : patch.properties()) {
      JsonNode present = target.get(member.getKey());
      if (member.getValue().isNull()) {
        target.remove(member.getKey());
      } else if (member.getValue() instanceof ObjectNode tree
          && present instanceof ObjectNode old) {
        merge(old, tree);
      } else {
        target.set(member.getKey(), member.getValue());
      }
    }
  }

  /** Deletes the objects, last first; those that are not there are reported, not errors. */
  public static List<String> delete(KubernetesClient client, String manifest) {
    return delete(client, manifest, DEFAULT_NAMESPACE);
  }

  /** As {@link #delete(KubernetesClient, String)}, of this namespace where none is named. */
  public static List<String> delete(KubernetesClient client, String manifest, String namespace) {
    List<String> lines = new ArrayList<>();
    for (HasMetadata object : parse(client, manifest, namespace).reversed()) {
      boolean there = client.resource(object).get() != null;
      if (there) {
        client.resource(object).delete();
      }
      lines.add(label(object) + (there ? " deleted" : " not found"));
    }
    return lines;
  }

  private static List<HasMetadata> parse(
      KubernetesClient client, String manifest, String namespace) {
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
      if (object.getMetadata().getNamespace() == null && !CLUSTER_WIDE.contains(object.getKind())) {
        object.getMetadata().setNamespace(namespace);
      }
    }
    return objects;
  }

  /** A list is replaced whole by a merge patch: node ports that were given out must be in it. */
  private static void keepAllocated(HasMetadata object, HasMetadata present) {
    if (object instanceof Service fresh && present instanceof Service old) {
      for (ServicePort port : fresh.getSpec().getPorts()) {
        old.getSpec().getPorts().stream()
            .filter(p -> port.getNodePort() == null)
            .filter(p -> Objects.equals(p.getPort(), port.getPort()))
            .filter(p -> protocol(p).equals(protocol(port)))
            .findFirst()
            .ifPresent(p -> port.setNodePort(p.getNodePort()));
      }
    }
  }

  private static String protocol(ServicePort port) {
    return Objects.requireNonNullElse(port.getProtocol(), "TCP");
  }

  /** The object as the manifest has it, less what is not for its writer to say. */
  private static ObjectNode wanted(KubernetesClient client, HasMetadata object) {
    KubernetesSerialization json = client.getKubernetesSerialization();
    ObjectNode tree = json.convertValue(object, ObjectNode.class);
    tree.remove("status");
    return tree;
  }

  private static void annotate(HasMetadata object, ObjectNode wanted) {
    Map<String, String> annotations =
        new TreeMap<>(Objects.requireNonNullElse(object.getMetadata().getAnnotations(), Map.of()));
    annotations.put(LAST_APPLIED, wanted.toString());
    object.getMetadata().setAnnotations(annotations);
  }

  private static ObjectNode lastApplied(HasMetadata present) {
    String text =
        Objects.requireNonNullElse(present.getMetadata().getAnnotations(), Map.<String, String>of())
            .getOrDefault(LAST_APPLIED, "{}");
    try {
      return JSON.readTree(text) instanceof ObjectNode tree ? tree : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      throw new SandboxException("the annotation " + LAST_APPLIED + " is damaged: " + text, e);
    }
  }

  /** In a merge patch, null removes a member. */
  private static void removeWhatIsLeftOut(ObjectNode before, ObjectNode patch) {
    for (Map.Entry<String, JsonNode> member : before.properties()) {
      JsonNode now = patch.get(member.getKey());
      if (now == null) {
        patch.putNull(member.getKey());
      } else if (now instanceof ObjectNode tree && member.getValue() instanceof ObjectNode old) {
        removeWhatIsLeftOut(old, tree);
      }
    }
  }

  private static void setStatus(KubernetesClient client, Service service) {
    if (service.getStatus() != null
        && service.getStatus().getLoadBalancer() != null
        && !service.getStatus().getLoadBalancer().getIngress().isEmpty()) {
      Edits.setLoadBalancer(
          client,
          service.getMetadata().getNamespace(),
          service.getMetadata().getName(),
          service.getStatus().getLoadBalancer().getIngress());
    }
  }

  private static String label(HasMetadata object) {
    return object.getKind().toLowerCase(Locale.ROOT) + "/" + object.getMetadata().getName();
  }
}
