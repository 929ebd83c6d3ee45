/**
 * The agent's side of the CNI plugin: connects pods to the switch and takes them off again, as the
 * CNI specification 1.1.0 has it, back to 0.3.1.
 *
 * <p>{@link io.seine.agent.cni.CniServer} takes requests from a Unix socket; {@link
 * io.seine.agent.cni.CniHandler} decides, over four narrow interfaces: the port rows ({@link
 * io.seine.agent.cni.PodPorts}), the devices ({@link io.seine.agent.cni.PodLinks}), the flows
 * ({@link io.seine.agent.cni.PodNetwork}) and the node's readiness ({@link
 * io.seine.agent.cni.Readiness}). Work on one attachment (container and interface) is serial; on
 * different ones it runs side by side.
 */
@NullMarked
package io.seine.agent.cni;

import org.jspecify.annotations.NullMarked;
