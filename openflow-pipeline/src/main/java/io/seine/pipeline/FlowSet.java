package io.seine.pipeline;

import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import java.util.List;

/**
 * What one owner wants in the switch. No two flows have the same key, no two groups the same id.
 */
public record FlowSet(List<Flow> flows, List<Group> groups) {
  public static final FlowSet EMPTY = new FlowSet(List.of(), List.of());

  public FlowSet {
    flows = List.copyOf(flows);
    groups = List.copyOf(groups);
  }
}
