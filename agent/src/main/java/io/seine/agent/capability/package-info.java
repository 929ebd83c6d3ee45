/**
 * What the switch of this node can do, found out by trying it: versions say less, since the kernel
 * has a part in it.
 */
@NullMarked
package io.seine.agent.capability;

import org.jspecify.annotations.NullMarked;
