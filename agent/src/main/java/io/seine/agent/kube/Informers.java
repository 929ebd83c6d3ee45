package io.seine.agent.kube;

import java.util.ArrayList;
import java.util.List;

/**
 * The reading of all that the agent needs from the API. Every change is handed to the {@link
 * Listener} as it comes, from several threads.
 */
public final class Informers implements AutoCloseable {
  /**
   * Hears of every change. Methods are called by several threads, one for each kind of object; for
   * one object in the order of its changes. They may block, which slows the reading down.
   */
  public interface Listener {
    void node(NodeInfo node);

    void nodeGone(String name);

    void service(ServiceInfo service);

    void serviceGone(ObjectKey key);

    void slice(SliceInfo slice);

    void sliceGone(ObjectKey key);

    /**
     * A pod of this node, or one of another that may be somebody's peer: running, with an address
     * of its own. {@link PodInfo#node} says which. Of those on their node's network the labels.
     */
    void pod(PodInfo pod);

    /** There is none any more, or it is of no interest now: finished, on another node. */
    void podGone(ObjectKey key);

    void namespace(NamespaceInfo namespace);

    void namespaceGone(String name);

    void networkPolicy(NetworkPolicyInfo policy);

    void networkPolicyGone(ObjectKey key);

    void clusterPolicy(ClusterPolicyInfo policy);

    void clusterPolicyGone(String name);

    /**
     * All objects of a kind have been handed over once: nodes, services, endpointslices, pods,
     * namespaces, networkpolicies, clusternetworkpolicies (also if the cluster does not define
     * these).
     */
    void synced(String kind);
  }

  private final List<Reflector<?, ?>> reflectors = new ArrayList<>();
  private final List<InformerState> states = new ArrayList<>();

  private Informers() {}

  /**
   * Starts reading, and returns without waiting for anything.
   *
   * @param node whose pods are handed over whatever they are
   */
  public static Informers start(Api api, String node, Listener listener) {
    Informers informers = new Informers();
    informers.add(api, Kind.nodes(), new NodeSink(listener));
    informers.add(api, Kind.services(), new ServiceSink(listener));
    informers.add(api, Kind.slices(), new SliceSink(listener));
    informers.add(api, Kind.pods(node), new PodSink(listener));
    informers.add(api, Kind.namespaces(), new NamespaceSink(listener));
    informers.add(api, Kind.networkPolicies(), new NetworkPolicySink(listener));
    informers.add(api, Kind.clusterPolicies(), new ClusterPolicySink(listener));
    informers.reflectors.forEach(Reflector::start);
    return informers;
  }

  private <T extends io.fabric8.kubernetes.api.model.HasMetadata, I> void add(
      Api api, Kind<T, I> kind, Reflector.Sink<I> sink) {
    InformerState state = new InformerState(kind.name());
    states.add(state);
    reflectors.add(new Reflector<>(api.client(), kind, sink, state));
  }

  public List<InformerState.Report> reports() {
    return states.stream().map(InformerState::report).toList();
  }

  /** Nothing is handed over any more, except what is being handed over right now. */
  @Override
  public void close() {
    reflectors.forEach(Reflector::close);
  }

  private record NodeSink(Listener to) implements Reflector.Sink<NodeInfo> {
    @Override
    public void put(ObjectKey key, NodeInfo info) {
      to.node(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.nodeGone(key.name());
    }

    @Override
    public void synced() {
      to.synced("nodes");
    }
  }

  private record ServiceSink(Listener to) implements Reflector.Sink<ServiceInfo> {
    @Override
    public void put(ObjectKey key, ServiceInfo info) {
      to.service(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.serviceGone(key);
    }

    @Override
    public void synced() {
      to.synced("services");
    }
  }

  private record SliceSink(Listener to) implements Reflector.Sink<SliceInfo> {
    @Override
    public void put(ObjectKey key, SliceInfo info) {
      to.slice(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.sliceGone(key);
    }

    @Override
    public void synced() {
      to.synced("endpointslices");
    }
  }

  private record PodSink(Listener to) implements Reflector.Sink<PodInfo> {
    @Override
    public void put(ObjectKey key, PodInfo info) {
      to.pod(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.podGone(key);
    }

    @Override
    public void synced() {
      to.synced("pods");
    }
  }

  private record NamespaceSink(Listener to) implements Reflector.Sink<NamespaceInfo> {
    @Override
    public void put(ObjectKey key, NamespaceInfo info) {
      to.namespace(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.namespaceGone(key.name());
    }

    @Override
    public void synced() {
      to.synced("namespaces");
    }
  }

  private record NetworkPolicySink(Listener to) implements Reflector.Sink<NetworkPolicyInfo> {
    @Override
    public void put(ObjectKey key, NetworkPolicyInfo info) {
      to.networkPolicy(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.networkPolicyGone(key);
    }

    @Override
    public void synced() {
      to.synced("networkpolicies");
    }
  }

  private record ClusterPolicySink(Listener to) implements Reflector.Sink<ClusterPolicyInfo> {
    @Override
    public void put(ObjectKey key, ClusterPolicyInfo info) {
      to.clusterPolicy(info);
    }

    @Override
    public void remove(ObjectKey key) {
      to.clusterPolicyGone(key.name());
    }

    @Override
    public void synced() {
      to.synced("clusternetworkpolicies");
    }
  }
}
