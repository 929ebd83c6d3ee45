package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.pipeline.LocalPod;
import io.seine.pipeline.policy.PodId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pod as policies see it. */
final class PodState {
  /**
   * What the API says of it.
   *
   * @param counts whether it is a pod to policies: those that use their node's network are not, and
   *     neither are those that have come to their end
   * @param onHost whether it uses its node's network, and has not come to its end
   */
  record Said(
      boolean counts,
      boolean onHost,
      Map<String, String> labels,
      List<Ip> addresses,
      List<NamedPort> ports) {}

  final NamespaceState namespace;
  final String name;
  private Said said;
  private @Nullable LocalPod port;
  private boolean gone;

  PodState(NamespaceState namespace, String name, Said said) {
    this.namespace = namespace;
    this.name = name;
    this.said = said;
  }

  PodId id() {
    return new PodId(namespace.name, name);
  }

  Said said() {
    return said;
  }

  void is(Said now) {
    said = now;
    gone = false;
  }

  /** It has left the API. While its port is there, what was last said of it holds for its own. */
  void leave() {
    gone = true;
  }

  boolean gone() {
    return gone;
  }

  Optional<LocalPod> port() {
    return Optional.ofNullable(port);
  }

  void connect(LocalPod at) {
    port = at;
  }

  void disconnect() {
    port = null;
  }

  Map<String, String> labels() {
    return said.labels();
  }

  List<NamedPort> ports() {
    return said.ports();
  }

  /** Those it has as a peer of others. Of a pod of this node, those of its port. */
  List<Ip> addresses() {
    if (gone || !said.counts()) {
      return List.of();
    }
    LocalPod local = port;
    return local == null ? said.addresses() : local.addresses();
  }

  /** Whether policies are for it here. */
  boolean isSubject() {
    return port != null && said.counts();
  }

  boolean isIn(Selection selection) {
    boolean inScope =
        switch (selection.scope()) {
          case Scope.Named scope -> scope.namespace().equals(namespace.name);
          case Scope.Labelled scope -> scope.namespaces().matches(namespace.labels());
        };
    return inScope && selection.pods().matches(said.labels());
  }
}
