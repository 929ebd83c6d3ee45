/** Nodes, put to facts that the compilers of {@code io.seine.pipeline} take. */
@NullMarked
package io.seine.agent.node;

import org.jspecify.annotations.NullMarked;
