package io.seine.agent.kube;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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
    informers.add(api, Kind.nodes(), listener, listener::node, k -> listener.nodeGone(k.name()));
    informers.add(api, Kind.services(), listener, listener::service, listener::serviceGone);
    informers.add(api, Kind.slices(), listener, listener::slice, listener::sliceGone);
    informers.add(api, Kind.pods(node), listener, listener::pod, listener::podGone);
    informers.add(
        api,
        Kind.namespaces(),
        listener,
        listener::namespace,
        key -> listener.namespaceGone(key.name()));
    informers.add(
        api,
        Kind.networkPolicies(),
        listener,
        listener::networkPolicy,
        listener::networkPolicyGone);
    informers.add(
        api,
        Kind.clusterPolicies(),
        listener,
        listener::clusterPolicy,
        key -> listener.clusterPolicyGone(key.name()));
    informers.reflectors.forEach(Reflector::start);
    return informers;
  }

  private <T extends io.fabric8.kubernetes.api.model.HasMetadata, I> void add(
      Api api, Kind<T, I> kind, Listener listener, Consumer<I> put, Consumer<ObjectKey> remove) {
    Sink<I> sink = new Sink<>(put, remove, () -> listener.synced(kind.name()));
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

  /** Hands on what is heard of one kind. */
  private record Sink<I>(Consumer<I> to, Consumer<ObjectKey> gone, Runnable complete)
      implements Reflector.Sink<I> {
    @Override
    public void put(ObjectKey key, I info) {
      to.accept(info);
    }

    @Override
    public void remove(ObjectKey key) {
      gone.accept(key);
    }

    @Override
    public void synced() {
      complete.run();
    }
  }
}
