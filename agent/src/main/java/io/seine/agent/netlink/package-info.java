/**
 * The kernel's network configuration without forking a process: links, addresses, routes and
 * neighbours by rtnetlink, in the agent's own network namespace or in a pod's, and the few device
 * settings that only {@code ioctl} reaches. Calls go to libc through the foreign function
 * interface.
 */
@NullMarked
package io.seine.agent.netlink;

import org.jspecify.annotations.NullMarked;
