/** Which address of the node's pod CIDR a pod gets. The port row in OVSDB is the lease. */
@NullMarked
package io.seine.agent.ipam;

import org.jspecify.annotations.NullMarked;
