package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.Optional;
import java.util.function.Function;

/**
 * One kind of object that the agent reads.
 *
 * @param path of its collection in the API, over all namespaces
 * @param field a field selector, {@code key=value}
 * @param reduce what is kept of an object
 */
record Kind<T extends HasMetadata, I>(
    String name, String path, Class<T> type, Optional<Field> field, Function<T, I> reduce) {

  /** A field that must have a value. */
  record Field(String name, String value) {}

  static Kind<Node, NodeInfo> nodes() {
    return new Kind<>("nodes", "api/v1/nodes", Node.class, Optional.empty(), Reduce::node);
  }

  static Kind<Service, ServiceInfo> services() {
    return new Kind<>(
        "services", "api/v1/services", Service.class, Optional.empty(), ReduceService::service);
  }

  static Kind<EndpointSlice, SliceInfo> slices() {
    return new Kind<>(
        "endpointslices",
        "apis/discovery.k8s.io/v1/endpointslices",
        EndpointSlice.class,
        Optional.empty(),
        ReduceSlice::slice);
  }

  static Kind<Pod, PodInfo> podsOf(String node) {
    return new Kind<>(
        "pods",
        "api/v1/pods",
        Pod.class,
        Optional.of(new Field("spec.nodeName", node)),
        Reduce::pod);
  }

  static ObjectKey key(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    // Few namespaces are named by many keys.
    return new ObjectKey(Reduce.text(meta.getNamespace()).intern(), Reduce.text(meta.getName()));
  }
}
