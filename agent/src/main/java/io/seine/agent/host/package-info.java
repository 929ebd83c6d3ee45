/**
 * The node's own side of the pod network: the gateway port, routes to the other nodes and to
 * services, masquerade, MTU, and what the tunnels need of the underlay. All of it is desired state
 * that is compared with the kernel's and repaired, and only what is marked as Seine's is removed.
 */
@NullMarked
package io.seine.agent.host;

import org.jspecify.annotations.NullMarked;
