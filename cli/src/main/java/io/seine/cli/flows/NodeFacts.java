package io.seine.cli.flows;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.seine.agent.config.AgentConfig;
import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.facts.FactsLoader;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.ObjectKey;
import io.seine.openflow.Ip;
import io.seine.ovsdb.Snapshot;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.SandboxView;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** What the API and a node's OVSDB know. Nothing of it comes from the agent. */
final class NodeFacts {
  private static final int API_LIMIT_MILLIS = 5000;

  private NodeFacts() {}

  /** The sandbox's API, for one who would rather go without than wait for it. */
  static Api api(SandboxView view) {
    return new Api(
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(view.client().getConfiguration())
                    .withConnectionTimeout(API_LIMIT_MILLIS)
                    .withRequestRetryBackoffLimit(0)
                    .build())
            .build());
  }

  /** What the node's switch is made from. */
  static ClusterFacts load(Api api, AgentConfig config, Snapshot database) throws ApiException {
    try {
      return FactsLoader.load(api, config, database);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while reading the API");
    }
  }

  /** Whether there is such a policy. */
  static boolean has(Api api, PolicyRef policy) throws ApiException {
    try {
      return policy.kind() == PolicyRef.Kind.NETWORK_POLICY
          ? api.networkPolicies().stream()
              .anyMatch(p -> p.key().equals(new ObjectKey(policy.namespace(), policy.name())))
          : api.clusterPolicies().stream().anyMatch(p -> p.name().equals(policy.name()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while reading the API");
    }
  }

  /**
   * The pods of all nodes by their addresses, without those that have none of their own.
   *
   * @throws SandboxException if the API cannot be read
   */
  static Map<Ip, Owner> pods(Api api) {
    try {
      Map<Ip, Owner> pods = new LinkedHashMap<>();
      for (Pod pod : api.client().pods().inAnyNamespace().list().getItems()) {
        if (hasAddresses(pod)) {
          Owner owner =
              new Owner.Pod(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
          addresses(pod).forEach(address -> pods.put(Ip.parse(address), owner));
        }
      }
      return pods;
    } catch (KubernetesClientException e) {
      throw new SandboxException("the pods cannot be read at " + api.address(), e);
    }
  }

  private static boolean hasAddresses(Pod pod) {
    return pod.getStatus() != null
        && !Boolean.TRUE.equals(pod.getSpec().getHostNetwork())
        && !"Succeeded".equals(pod.getStatus().getPhase())
        && !"Failed".equals(pod.getStatus().getPhase());
  }

  private static Set<String> addresses(Pod pod) {
    Set<String> addresses = new LinkedHashSet<>();
    if (pod.getStatus().getPodIP() != null) {
      var _ = addresses.add(pod.getStatus().getPodIP());
    }
    pod.getStatus().getPodIPs().forEach(ip -> addresses.add(ip.getIp()));
    return addresses;
  }
}
