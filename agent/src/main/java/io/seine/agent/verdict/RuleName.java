package io.seine.agent.verdict;

/**
 * Names a rule.
 *
 * @param kind {@link #NETWORK_POLICY}, {@link #CLUSTER_POLICY} or {@link #ISOLATION}
 * @param namespace of the policy, or the isolated one; empty for what has none
 * @param policy its name; empty for isolation
 * @param index of the rule in its direction, from 0; {@link #DEFAULT} for what no rule allows
 * @param name that its writer gave it; may be empty
 */
public record RuleName(String kind, String namespace, String policy, int index, String name) {
  public static final String NETWORK_POLICY = "NetworkPolicy";
  public static final String CLUSTER_POLICY = "ClusterNetworkPolicy";
  public static final String ISOLATION = "Isolation";
  public static final int DEFAULT = -1;

  /** {@code NetworkPolicy web/front, rule 0}. */
  @Override
  public String toString() {
    String place = namespace.isEmpty() || policy.isEmpty() ? "" : "/";
    String which = index == DEFAULT ? "default" : "rule " + index;
    String given = name.isEmpty() ? "" : " (" + name + ")";
    return kind + " " + namespace + place + policy + ", " + which + given;
  }
}
