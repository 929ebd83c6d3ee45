package io.seine.agent.verdict;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether a connection is allowed.
 *
 * @param egress of the pod that opens it; empty if that is no pod
 * @param ingress of the pod that it is to; empty if that is no pod
 */
public record Answer(
    Connection connection, Optional<Judgement> egress, Optional<Judgement> ingress) {
  /** What is said of it, in the order in which a packet meets it. */
  public Stream<Judgement> judgements() {
    return Stream.of(egress, ingress).flatMap(Optional::stream);
  }

  public boolean allowed() {
    return judgements().allMatch(Judgement::allowed);
  }
}
