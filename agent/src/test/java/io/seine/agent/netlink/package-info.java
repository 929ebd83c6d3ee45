@NullMarked
package io.seine.agent.netlink;

import org.jspecify.annotations.NullMarked;
