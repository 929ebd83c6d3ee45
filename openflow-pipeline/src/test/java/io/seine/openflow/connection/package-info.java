/** The connection and the codec, against a real Open vSwitch and against a scripted peer. */
@NullMarked
package io.seine.openflow.connection;

import org.jspecify.annotations.NullMarked;
