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
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The mock's CRUD rules, and {@code fieldSelector=spec.nodeName=…} for pods, which agents depend
 * on: the stock mock accepts that selector and then finds nothing, in lists and in watches. It
 * keeps the extractor in a private final field and takes none from outside, hence the reflection.
 *
 * <p>The mock replaces an object by removing and adding it. Here a reader sees one or the other,
 * never neither: a controller that misses a pod for a moment takes it out of its service.
 */
final class NodeSelectingDispatcher extends KubernetesCrudDispatcher {
  private static final String NODE_NAME = "spec.nodeName";
  private static final String VERSION =
      "{\"major\":\"1\",\"minor\":\"33\",\"gitVersion\":\"v1.33.0-sandbox\"}";

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
    boolean reads = "GET".equals(request.getMethod());
    Lock lock = reads ? objects.readLock() : objects.writeLock();
    lock.lock();
    try {
      return super.dispatch(request);
    } finally {
      lock.unlock();
    }
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
