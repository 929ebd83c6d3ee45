package io.seine.cli.bench;

import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.Selector;
import io.seine.cli.bench.ListWatchServer.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The objects of a {@link PolicyCluster} as the API has them, with all that nobody asks for. */
final class SyntheticPolicies {
  private static final String MANAGED =
      """
      "managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1",\
      "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{\
      "f:generateName":{},"f:labels":{".":{},"f:app":{}},"f:ownerReferences":{".":{}}},"f:spec":{\
      "f:containers":{"k:{\\"name\\":\\"web\\"}":{".":{},"f:image":{},"f:ports":{".":{}}}}}}}]\
      """;

  private SyntheticPolicies() {}

  /**
   * All that an agent asks for.
   *
   * @param node how the cluster's first node is called
   * @param self its Node object
   */
  static List<Collection> collections(PolicyCluster cluster, String node, String self) {
    return List.of(
        new Collection("/api/v1/nodes", "v1", "Node", List.of(self)),
        new Collection("/api/v1/services", "v1", "Service", List.of()),
        new Collection(
            "/apis/discovery.k8s.io/v1/endpointslices",
            "discovery.k8s.io/v1",
            "EndpointSlice",
            List.of()),
        new Collection(
            "/api/v1/pods",
            "v1",
            "Pod",
            cluster
                .allPods()
                .map(pod -> pod(pod, pod.node().equals("node-0") ? node : pod.node()))
                .toList()),
        new Collection(
            "/api/v1/namespaces",
            "v1",
            "Namespace",
            cluster.allNamespaces().map(SyntheticPolicies::namespace).toList()),
        new Collection(
            "/apis/networking.k8s.io/v1/networkpolicies",
            "networking.k8s.io/v1",
            "NetworkPolicy",
            cluster.allPolicies().map(SyntheticPolicies::policy).toList()));
  }

  private static String namespace(NamespaceInfo namespace) {
    return """
    {"apiVersion":"v1","kind":"Namespace","metadata":{%s,"labels":%s},\
    "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}\
    """
        .formatted(name(namespace.ref().key()), labels(namespace.labels()));
  }

  private static String pod(PodInfo pod, String node) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{%1$s,"labels":%2$s,"generateName":"web-6d4b75cb6d-",\
    "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web-6d4b75cb6d",\
    "uid":"1","controller":true}],%5$s},\
    "spec":{"nodeName":"%3$s","serviceAccountName":"default","volumes":[{"name":"token","projected":{\
    "sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}}]}}],\
    "containers":[{"name":"web","image":"registry.example/web:1.2.3","env":[{"name":"A","value":"1"}],\
    "ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],\
    "resources":{"limits":{"cpu":"1","memory":"512Mi"}}}]},\
    "status":{"phase":"Running","podIP":"%4$s","podIPs":[{"ip":"%4$s"}],\
    "conditions":[{"type":"Ready","status":"True"},{"type":"Initialized","status":"True"}],\
    "containerStatuses":[{"name":"web","ready":true,"restartCount":0}]}}\
    """
        .formatted(name(pod.key()), labels(pod.labels()), node, pod.address(), MANAGED);
  }

  private static String policy(NetworkPolicyInfo policy) {
    String rules =
        policy.ingressRules().isEmpty()
            ? ""
            : ",\"ingress\":[{\"from\":[{\"podSelector\":%s}]}]".formatted(selector(policy.pods()));
    return """
    {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{%s,%s},\
    "spec":{"podSelector":%s,"policyTypes":["Ingress","Egress"]%s}}\
    """
        .formatted(name(policy.key()), MANAGED, selector(policy.pods()), rules);
  }

  private static String name(ObjectKey key) {
    String namespace =
        key.namespace().isEmpty() ? "" : ",\"namespace\":\"%s\"".formatted(key.namespace());
    return """
    "name":"%s"%s,"uid":"00000000-0000-4000-8000-%012x","resourceVersion":"1",\
    "creationTimestamp":"2026-01-01T00:00:00Z"\
    """
        .formatted(key.name(), namespace, key.hashCode() & 0xffffffffL);
  }

  private static String selector(Selector selector) {
    return selector.labels().isEmpty()
        ? "{}"
        : "{\"matchLabels\":" + labels(selector.labels()) + "}";
  }

  private static String labels(Map<String, String> labels) {
    return labels.entrySet().stream()
        .map(label -> "\"%s\":\"%s\"".formatted(label.getKey(), label.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }
}
