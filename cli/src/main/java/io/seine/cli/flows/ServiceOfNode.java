package io.seine.cli.flows;

import io.seine.agent.facts.ClusterFacts;
import io.seine.agent.kube.Api;
import io.seine.agent.kube.ApiException;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.agent.service.ServiceOptions;
import io.seine.openflow.Ip;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.sandbox.NodeDatabase;
import io.seine.sandbox.SandboxException;
import io.seine.sandbox.node.SandboxNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads all that there is to show of one service, and shows it for a node at a time. */
final class ServiceOfNode {
  private final Api api;
  private final ServiceInfo service;
  private final List<SliceInfo> slices;
  private final Map<Ip, Owner> pods;

  private ServiceOfNode(Api api, ServiceInfo service, List<SliceInfo> slices, Map<Ip, Owner> pods) {
    this.api = api;
    this.service = service;
    this.slices = List.copyOf(slices);
    this.pods = Map.copyOf(pods);
  }

  /**
   * Reads what the API has; empty if there is no such service.
   *
   * @throws ApiException if the API cannot be read
   */
  static Optional<ServiceOfNode> find(Api api, Owner.Service asked) throws ApiException {
    ObjectKey key = new ObjectKey(asked.namespace(), asked.name());
    try {
      Optional<ServiceInfo> service =
          api.services().stream().filter(s -> s.key().equals(key)).findFirst();
      if (service.isEmpty()) {
        return Optional.empty();
      }
      List<SliceInfo> slices =
          api.slices().stream().filter(slice -> slice.service().equals(key)).toList();
      return Optional.of(new ServiceOfNode(api, service.get(), slices, NodeFacts.pods(api)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException("interrupted while reading the API");
    }
  }

  /**
   * The service as a node has it.
   *
   * @throws ApiException if the API does not say enough of the node
   * @throws SandboxException if the node's OVSDB cannot be read
   */
  ServiceView on(SandboxNode node, SwitchReading reading) throws ApiException {
    ClusterFacts facts = NodeFacts.load(api, reading.config(), NodeDatabase.read(node));
    GroupIds ids = reading.groupIds();
    var _ = facts.compile(ids); // gives names that hash alike the ids that the agent gives them
    return new ServiceReading(
            facts.node(), ids, reading.flows(), reading.groups(), reading.counts(), pods)
        .view(
            new ServiceReading.Told(
                service,
                ServiceOptions.of(reading.config()).leavesAlone(service),
                facts.services().stream()
                    .filter(fact ->
                        fact.namespace().equals(service.key().namespace())
                            && fact.name().equals(service.key().name()))
                    .findFirst(),
                slices,
                facts.problems()));
  }
}
