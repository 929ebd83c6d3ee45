package io.seine.pipeline.policy;

import io.seine.pipeline.Owner;
import java.util.Comparator;

/**
 * Names a policy.
 *
 * @param namespace empty for what has none
 */
public record PolicyRef(Kind kind, String namespace, String name) implements Comparable<PolicyRef> {
  private static final Comparator<PolicyRef> ORDER =
      Comparator.comparing(PolicyRef::kind)
          .thenComparing(PolicyRef::namespace)
          .thenComparing(PolicyRef::name);

  /** What kind of object the policy comes from. */
  public enum Kind {
    NETWORK_POLICY("networkpolicy"),
    CLUSTER_NETWORK_POLICY("clusternetworkpolicy"),
    /** No object: the isolation of a namespace by default. */
    ISOLATION("isolation");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** Whose the flows are that say what it decides. */
  public Owner owner() {
    return new Owner.Policy(kind.label(), namespace, name);
  }

  @Override
  public int compareTo(PolicyRef other) {
    return ORDER.compare(this, other);
  }

  /** {@code networkpolicy/default/web}, {@code clusternetworkpolicy/guard}. */
  @Override
  public String toString() {
    return kind.label() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }
}
