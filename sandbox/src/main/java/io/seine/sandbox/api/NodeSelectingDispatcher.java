package io.seine.sandbox.api;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.server.mock.KubernetesAttributesExtractor;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.crud.Attribute;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The mock's CRUD rules, and {@code fieldSelector=spec.nodeName=…} for pods, which agents depend
 * on: the stock mock accepts that selector and then finds nothing, in lists and in watches. It
 * keeps the extractor in a private final field and takes none from outside, hence the reflection.
 * It also tells clients of the kinds that are defined by custom resources in a real cluster.
 *
 * <p>The mock replaces an object by removing and adding it. Here a reader sees one or the other,
 * never neither: a controller that misses a pod for a moment takes it out of its service.
 */
final class NodeSelectingDispatcher extends KubernetesCrudDispatcher {
  private static final String NODE_NAME = "spec.nodeName";
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";
  private static final String VERSION =
      "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.0-sandbox\"}";

  /** What a server says to which the definition of ClusterNetworkPolicy has been applied. */
  private static final String CLUSTER_POLICIES = "/apis/policy.networking.k8s.io/v1alpha2";

  private static final String CLUSTER_POLICY_RESOURCES =
      """
      {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "policy.networking.k8s.io/v1alpha2",
       "resources": [
         {"name": "clusternetworkpolicies", "singularName": "clusternetworkpolicy", "shortNames": ["cnp"],
          "namespaced": false, "kind": "ClusterNetworkPolicy",
          "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]},
         {"name": "clusternetworkpolicies/status", "singularName": "", "namespaced": false,
          "kind": "ClusterNetworkPolicy", "verbs": ["get", "patch", "update"]}]}
      """;

  private final ReadWriteLock objects = new ReentrantReadWriteLock();

  NodeSelectingDispatcher() {
    try {
      Field field =
          KubernetesCrudDispatcher.class.getDeclaredField("kubernetesAttributesExtractor");
      field.setAccessible(true);
      field.set(this, new NodeNameExtractor());
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("the API server mock has changed; the sandbox cannot use it", e);
    }
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    if (request.getPath().startsWith("/version")) {
      return new MockResponse().setResponseCode(200).setBody(VERSION);
    }
    if (request.getPath().equals(CLUSTER_POLICIES)) {
      return new MockResponse().setResponseCode(200).setBody(CLUSTER_POLICY_RESOURCES);
    }
    boolean reads = "GET".equals(request.getMethod());
    Lock lock = reads ? objects.readLock() : objects.writeLock();
    lock.lock();
    try {
      return StatusApply.isOne(request)
          ? StatusApply.answer(request, super::dispatch)
          : super.dispatch(request);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a Namespace the label with its name, which it has in any cluster. */
  @Override
  public void processEvent(
      String path,
      AttributeSet pathAttributes,
      AttributeSet oldAttributes,
      GenericKubernetesResource resource,
      String newState) {
    if (newState == null || resource == null || !"Namespace".equals(resource.getKind())) {
      super.processEvent(path, pathAttributes, oldAttributes, resource, newState);
      return;
    }
    ObjectMeta meta = resource.getMetadata();
    Map<String, String> labels = new TreeMap<>();
    if (meta.getLabels() != null) {
      labels.putAll(meta.getLabels());
    }
    labels.put(NAME_LABEL, meta.getName());
    meta.setLabels(labels);
    super.processEvent(
        path, pathAttributes, oldAttributes, resource, Serialization.asJson(resource));
  }

  private static final class NodeNameExtractor extends KubernetesAttributesExtractor {
    @Override
    public AttributeSet extract(HasMetadata resource) {
      AttributeSet set = super.extract(resource);
      if ("Pod".equals(resource.getKind())
          && resource instanceof GenericKubernetesResource generic
          && generic.get("spec", "nodeName") instanceof String node) {
        return set.add(new Attribute(NODE_NAME, node));
      }
      return set;
    }
  }
}
