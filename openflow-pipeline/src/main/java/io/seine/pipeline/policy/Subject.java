package io.seine.pipeline.policy;

import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;

/**
 * A pod of this node that policies may concern.
 *
 * @param ofport of its port
 * @param ingress if a NetworkPolicy selects it for what it receives
 * @param egress if one selects it for what it sends
 */
public record Subject(
    PodId pod,
    int ofport,
    List<Ip> addresses,
    Optional<Isolation> ingress,
    Optional<Isolation> egress) {
  public Subject {
    addresses = List.copyOf(addresses);
  }

  public Optional<Isolation> isolation(Direction direction) {
    return direction == Direction.INGRESS ? ingress : egress;
  }

  /**
   * That what no NetworkPolicy allows is denied.
   *
   * @param by the first, by name, of the policies that select the pod
   * @param dryRun whether all of them only try what they would deny
   */
  public record Isolation(RuleRef by, boolean dryRun, boolean log) {}
}
