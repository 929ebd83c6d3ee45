package io.seine.pipeline;

import io.seine.openflow.Group;
import java.util.Optional;

/**
 * How the switch picks an endpoint, in one place. The default of Open vSwitch: a hash of the
 * connection's addresses and ports, looked up in at most 256 slots, which costs no upcall for a new
 * connection. The reasons are in {@code docs/decisions/group-selection.md}.
 */
final class GroupSelection {
  static final Optional<Group.Selection> SELECTION = Optional.empty();

  private GroupSelection() {}
}
