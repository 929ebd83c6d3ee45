package io.seine.agent.kube;

/**
 * What the agent keeps of a Pod of its node.
 *
 * @param address empty while it has none
 * @param hostNetwork whether it uses the node's own network, so that no port of ours is its
 * @param finished whether it has succeeded or failed, so that its address is no longer in use
 */
public record PodInfo(ObjectRef ref, String address, boolean hostNetwork, boolean finished) {
  public ObjectKey key() {
    return ref.key();
  }
}
