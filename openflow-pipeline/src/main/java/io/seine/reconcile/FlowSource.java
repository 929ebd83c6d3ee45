package io.seine.reconcile;

import io.seine.pipeline.FlowSet;

/**
 * Compiles one owner's flows when they are needed. It is asked more than once, on the reconciler's
 * thread and others, and must give equal results each time: it should hold immutable facts and call
 * a compiler.
 */
@FunctionalInterface
public interface FlowSource {
  FlowSet compile();
}
