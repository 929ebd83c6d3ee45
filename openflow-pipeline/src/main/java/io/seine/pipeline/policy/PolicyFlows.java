package io.seine.pipeline.policy;

import io.seine.pipeline.FlowSet;

/**
 * What one owner wants in the switch, in a form that takes little room: immutable facts, from which
 * the flows are compiled when they are needed. Equal facts compile to equal flows. Any thread may
 * compile.
 */
public interface PolicyFlows {
  FlowSet compile();
}
