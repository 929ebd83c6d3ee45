/**
 * What the documents of the Kubernetes API say of one connection: whether policies allow it, and
 * which rule says so. Written from the documents alone, without an index or a thought of speed, and
 * without a line of what turns policies into flows: the two are compared, in tests and by {@code
 * seine why}, and would agree on a mistake that they shared.
 */
@NullMarked
package io.seine.agent.verdict;

import org.jspecify.annotations.NullMarked;
