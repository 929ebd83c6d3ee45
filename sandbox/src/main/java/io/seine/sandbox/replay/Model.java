package io.seine.sandbox.replay;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.seine.agent.kube.ClusterPolicyInfo;
import io.seine.agent.kube.NamespaceInfo;
import io.seine.agent.kube.NetworkPolicyInfo;
import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.agent.kube.PodInfo;
import io.seine.agent.kube.Policies;
import io.seine.agent.verdict.World;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The objects of a case as an agent keeps them. */
public final class Model {
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  private final AddressBook addresses;

  public Model(AddressBook addresses) {
    this.addresses = addresses;
  }

  public PodInfo pod(PodSpec pod) {
    return new PodInfo(
        new ObjectRef("v1", "Pod", pod.key(), ""),
        pod.node(),
        addresses.of(pod.key()).stream().map(Ip::toString).toList(),
        pod.hostNetwork(),
        false,
        pod.labels(),
        pod.ports());
  }

  /** With the label that every namespace has by its name. */
  public NamespaceInfo namespace(String name, Map<String, String> labels) {
    Map<String, String> all = new HashMap<>(labels);
    all.put("kubernetes.io/metadata.name", name);
    return new NamespaceInfo(new ObjectRef("v1", "Namespace", new ObjectKey("", name), ""), all);
  }

  public NodeInfo node(String name, Map<String, String> labels) {
    List<String> own = addresses.of(name).stream().map(Ip::toString).toList();
    return new NodeInfo(
        ObjectRef.node(name, ""),
        "",
        own,
        List.of(),
        addresses.podNetworks(name).stream().map(IpPrefix::toString).toList(),
        "",
        0,
        own,
        labels);
  }

  public NetworkPolicyInfo networkPolicy(Manifest manifest) {
    return Policies.of(SERIALIZATION.unmarshal(manifest.json(addresses), NetworkPolicy.class));
  }

  public ClusterPolicyInfo clusterPolicy(Manifest manifest) {
    return Policies.ofCluster(
        SERIALIZATION.unmarshal(manifest.json(addresses), GenericKubernetesResource.class));
  }

  /** The addresses of each domain name. */
  public Map<String, List<Ip>> domains(Scene scene) {
    Map<String, List<Ip>> domains = new HashMap<>();
    scene
        .domains()
        .forEach((name, actors) ->
            domains.put(name, actors.stream().flatMap(a -> addresses.of(a).stream()).toList()));
    return domains;
  }

  public World world(Scene scene, boolean isolateNamespaces) {
    List<NetworkPolicyInfo> policies = new ArrayList<>();
    List<ClusterPolicyInfo> clusterPolicies = new ArrayList<>();
    for (Manifest manifest : scene.policies().values()) {
      if (manifest.kind().equals(Manifest.NETWORK_POLICY)) {
        policies.add(networkPolicy(manifest));
      } else {
        clusterPolicies.add(clusterPolicy(manifest));
      }
    }
    return new World(
        scene.namespaces().entrySet().stream()
            .map(n -> namespace(n.getKey(), n.getValue()))
            .toList(),
        scene.pods().values().stream().map(this::pod).toList(),
        scene.nodes().entrySet().stream()
            .map(n ->
                new World.Node(
                    n.getKey(),
                    n.getValue(),
                    addresses.of(n.getKey()),
                    addresses.gateways(n.getKey()),
                    List.of()))
            .toList(),
        policies,
        clusterPolicies,
        domains(scene),
        isolateNamespaces);
  }
}
