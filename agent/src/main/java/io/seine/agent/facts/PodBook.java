package io.seine.agent.facts;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which pods and namespaces the informers have told of, and whose address is whose. Changed by one
 * thread; any may ask.
 */
final class PodBook {
  private final String node;
  private final Map<ObjectKey, String> uids = new ConcurrentHashMap<>();
  private final Set<String> namespaces = ConcurrentHashMap.newKeySet();
  private final Map<Ip, ObjectKey> owners = new ConcurrentHashMap<>();

  // Used by the one thread.
  private final Map<ObjectKey, List<Ip>> addresses = new HashMap<>();

  /**
   * @param node this one
   */
  PodBook(String node) {
    this.node = node;
  }

  /** Whether a pod of this node, and no namesake of it, has been told of. */
  boolean knows(ObjectKey pod, String uid) {
    String known = uids.get(pod);
    return known != null && (uid.isEmpty() || known.isEmpty() || known.equals(uid));
  }

  boolean knowsNamespace(String name) {
    return namespaces.contains(name);
  }

  /** The pod that has the address, which is not the node's own. */
  Optional<ObjectKey> owner(Ip address) {
    return Optional.ofNullable(owners.get(address));
  }

  void namespace(String name) {
    namespaces.add(name);
  }

  void namespaceGone(String name) {
    namespaces.remove(name);
  }

  void pod(PodInfo pod) {
    if (pod.node().equals(node)) {
      uids.put(pod.key(), pod.ref().uid());
    } else {
      uids.remove(pod.key());
    }
    List<Ip> now = pod.hostNetwork() || pod.finished() ? List.of() : parsed(pod.addresses());
    List<Ip> before = now.isEmpty() ? addresses.remove(pod.key()) : addresses.put(pod.key(), now);
    release(pod.key(), before == null ? List.of() : before, now);
    now.forEach(ip -> owners.put(ip, pod.key()));
  }

  void podGone(ObjectKey key) {
    uids.remove(key);
    List<Ip> before = addresses.remove(key);
    release(key, before == null ? List.of() : before, List.of());
  }

  /** Somebody else may have the address by now. */
  private void release(ObjectKey key, List<Ip> before, List<Ip> now) {
    before.stream().filter(ip -> !now.contains(ip)).forEach(ip -> owners.remove(ip, key));
  }

  private static List<Ip> parsed(List<String> texts) {
    return texts.stream().flatMap(text -> parsed(text).stream()).toList();
  }

  /** Whose address cannot be read is not named by it. */
  private static Optional<Ip> parsed(String text) {
    try {
      return Optional.of(Ip.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
