package io.seine.agent.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Watchable;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Optional;
import java.util.function.Function;

/**
 * One kind of object that the agent reads.
 *
 * @param path of its collection in the API, over all namespaces
 * @param fields the parts of a listed object that are read at all
 * @param optional whether a cluster may not have this kind at all, which is as if it had no object
 *     of it
 * @param watch all objects of the kind
 * @param reduce what is kept of an object; nothing of one that is of no interest
 */
record Kind<T extends HasMetadata, I>(
    String name,
    String path,
    Class<T> type,
    Fields fields,
    boolean optional,
    Function<KubernetesClient, Watchable<T>> watch,
    Function<T, Optional<I>> reduce) {
  private static final String POLICY_GROUP = "policy.networking.k8s.io";
  private static final String POLICY_VERSION = "v1alpha2";

  static final String CLUSTER_POLICY_VERSION = POLICY_GROUP + "/" + POLICY_VERSION;
  static final String CLUSTER_POLICY = "ClusterNetworkPolicy";

  private static <T extends HasMetadata, I> Kind<T, I> of(
      String path, Class<T> type, Fields fields, Function<T, Optional<I>> reduce) {
    return new Kind<>(
        path.substring(path.lastIndexOf('/') + 1),
        path,
        type,
        fields,
        false,
        client -> client.resources(type).inAnyNamespace(),
        reduce);
  }

  static Kind<Node, NodeInfo> nodes() {
    // A node lists all images that it has.
    Fields fields =
        Fields.of(
            "metadata",
            "spec",
            "status.addresses",
            "status.daemonEndpoints",
            "status.conditions.type",
            "status.conditions.status");
    return of("api/v1/nodes", Node.class, fields, n -> Optional.of(Reduce.node(n)));
  }

  static Kind<Service, ServiceInfo> services() {
    return of(
        "api/v1/services", Service.class, Fields.ALL, s -> Optional.of(ReduceService.service(s)));
  }

  static Kind<EndpointSlice, SliceInfo> slices() {
    return of(
        "apis/discovery.k8s.io/v1/endpointslices",
        EndpointSlice.class,
        Fields.ALL,
        s -> Optional.of(ReduceSlice.slice(s)));
  }

  static Kind<Namespace, NamespaceInfo> namespaces() {
    return of(
        "api/v1/namespaces",
        Namespace.class,
        Fields.of("metadata"),
        n -> Optional.of(Reduce.namespace(n)));
  }

  static Kind<NetworkPolicy, NetworkPolicyInfo> networkPolicies() {
    var reduce = new ReduceNetworkPolicy();
    return of(
        "apis/networking.k8s.io/v1/networkpolicies",
        NetworkPolicy.class,
        Fields.ALL,
        p -> Optional.of(reduce.policy(p)));
  }

  static Kind<GenericKubernetesResource, ClusterPolicyInfo> clusterPolicies() {
    ResourceDefinitionContext definition =
        new ResourceDefinitionContext.Builder()
            .withGroup(POLICY_GROUP)
            .withVersion(POLICY_VERSION)
            .withKind(CLUSTER_POLICY)
            .withPlural("clusternetworkpolicies")
            .withNamespaced(false)
            .build();
    return new Kind<>(
        "clusternetworkpolicies",
        "apis/" + CLUSTER_POLICY_VERSION + "/clusternetworkpolicies",
        GenericKubernetesResource.class,
        Fields.of("metadata", "spec", "status.conditions"),
        true,
        client -> client.genericKubernetesResources(definition),
        p -> Optional.of(ReduceClusterPolicy.policy(p)));
  }

  /**
   * Those of a node, and those of the other nodes that are at an address.
   *
   * @see ReducePod#kept
   */
  static Kind<Pod, PodInfo> pods(String node) {
    return of(
        "api/v1/pods",
        Pod.class,
        Fields.of(
            "metadata.namespace",
            "metadata.name",
            "metadata.uid",
            "metadata.labels",
            "spec.nodeName",
            "spec.hostNetwork",
            "spec.containers.ports",
            "status.phase",
            "status.podIP",
            "status.podIPs"),
        new ReducePod(node)::kept);
  }

  static ObjectKey key(HasMetadata object) {
    ObjectMeta meta = object.getMetadata();
    // Few namespaces are named by many keys.
    return new ObjectKey(Reduce.text(meta.getNamespace()).intern(), Reduce.text(meta.getName()));
  }
}
