package io.seine.reconcile;

import io.seine.openflow.Flow;
import io.seine.pipeline.Owner;

/**
 * Two owners want the same entry of a table, for instance two services with one address and port.
 *
 * @param winner whose flow is installed: the first in the order of owners
 * @param loser whose flow waits until the winner's goes
 * @param entry the entry both want
 */
public record Conflict(Owner winner, Owner loser, Flow.Key entry) {}
