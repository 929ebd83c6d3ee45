/**
 * A live OpenFlow connection to one bridge of Open vSwitch over its management socket, and the
 * client that keeps one up.
 */
@NullMarked
package io.seine.openflow.connection;

import org.jspecify.annotations.NullMarked;
