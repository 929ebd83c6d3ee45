package io.seine.agent.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Remembers the last it heard of each object. */
public final class HeardObjects implements Informers.Listener {
  private static final Duration SOON = Duration.ofSeconds(10);

  public final Map<ObjectKey, ServiceInfo> services = new ConcurrentHashMap<>();
  public final Map<ObjectKey, SliceInfo> slices = new ConcurrentHashMap<>();
  public final Map<String, NodeInfo> nodes = new ConcurrentHashMap<>();
  public final Map<ObjectKey, PodInfo> pods = new ConcurrentHashMap<>();
  public final Map<String, NamespaceInfo> namespaces = new ConcurrentHashMap<>();
  public final Map<ObjectKey, NetworkPolicyInfo> networkPolicies = new ConcurrentHashMap<>();
  public final Map<String, ClusterPolicyInfo> clusterPolicies = new ConcurrentHashMap<>();
  public final Set<String> synced = ConcurrentHashMap.newKeySet();

  @Override
  public void node(NodeInfo node) {
    nodes.put(node.name(), node);
  }

  @Override
  public void nodeGone(String name) {
    nodes.remove(name);
  }

  @Override
  public void service(ServiceInfo service) {
    services.put(service.key(), service);
  }

  @Override
  public void serviceGone(ObjectKey key) {
    services.remove(key);
  }

  @Override
  public void slice(SliceInfo slice) {
    slices.put(slice.key(), slice);
  }

  @Override
  public void sliceGone(ObjectKey key) {
    slices.remove(key);
  }

  @Override
  public void pod(PodInfo pod) {
    pods.put(pod.key(), pod);
  }

  @Override
  public void podGone(ObjectKey key) {
    pods.remove(key);
  }

  @Override
  public void namespace(NamespaceInfo namespace) {
    namespaces.put(namespace.name(), namespace);
  }

  @Override
  public void namespaceGone(String name) {
    namespaces.remove(name);
  }

  @Override
  public void networkPolicy(NetworkPolicyInfo policy) {
    networkPolicies.put(policy.key(), policy);
  }

  @Override
  public void networkPolicyGone(ObjectKey key) {
    networkPolicies.remove(key);
  }

  @Override
  public void clusterPolicy(ClusterPolicyInfo policy) {
    clusterPolicies.put(policy.name(), policy);
  }

  @Override
  public void clusterPolicyGone(String name) {
    clusterPolicies.remove(name);
  }

  @Override
  public void synced(String kind) {
    synced.add(kind);
  }

  /** Waits until this holds of what was heard of an object. */
  public static <K, V> void soon(Map<K, V> heard, K key, Consumer<V> check) {
    await().atMost(SOON).untilAsserted(() -> assertThat(heard).hasEntrySatisfying(key, check));
  }

  /** Waits until an object is gone. */
  public static <K> void soonGone(Map<K, ?> heard, K key) {
    await().atMost(SOON).untilAsserted(() -> assertThat(heard).doesNotContainKey(key));
  }
}
