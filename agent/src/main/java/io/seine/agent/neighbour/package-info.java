/**
 * Neighbour discovery without learning or flooding: pods and the node have permanent neighbours and
 * need not ask, and whoever asks all the same is answered by the agent. No flow can make a
 * neighbour advertisement on the kernel's datapath, so the answer is the agent's on both.
 */
@NullMarked
package io.seine.agent.neighbour;

import org.jspecify.annotations.NullMarked;
