package io.seine.sandbox.api;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.server.mock.KubernetesAttributesExtractor;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.mockwebserver.crud.Attribute;
import io.fabric8.mockwebserver.crud.AttributeSet;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.lang.reflect.Field;

/**
 * The mock's CRUD rules, and {@code fieldSelector=spec.nodeName=…} for pods, which agents depend
 * on: the stock mock accepts that selector and then finds nothing, in lists and in watches. It
 * keeps the extractor in a private final field and takes none from outside, hence the reflection.
 */
final class NodeSelectingDispatcher extends KubernetesCrudDispatcher {
  private static final String NODE_NAME = "spec.nodeName";
  private static final String VERSION =
      "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.0-sandbox\"}";

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
    return request.getPath().startsWith("/version")
        ? new MockResponse().setResponseCode(200).setBody(VERSION)
        : super.dispatch(request);
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
