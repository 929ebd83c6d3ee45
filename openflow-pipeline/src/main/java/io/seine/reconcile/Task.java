package io.seine.reconcile;

import io.seine.pipeline.FlowSet;
import io.seine.pipeline.Owner;
import java.time.Instant;
import java.util.Optional;

/**
 * One owner as it was when a round of work began, and what became of it.
 *
 * @param wanted empty when the owner is to have nothing
 * @param version of the owner's wish, to tell whether it changed meanwhile
 * @param since when the owner wished it
 * @param together whether the owner is installed with all others of which this is true, or not at
 *     all
 */
record Task(
    Owner owner,
    OwnerState state,
    Optional<FlowSource> wanted,
    long version,
    Instant since,
    boolean together) {
  /** What the owner wants, compiled; it may throw whatever a compiler throws. */
  FlowSet compile() {
    return wanted.map(FlowSource::compile).orElse(FlowSet.EMPTY);
  }
}
