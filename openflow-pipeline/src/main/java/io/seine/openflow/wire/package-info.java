/**
 * The bytes of OpenFlow 1.5 and of the Open vSwitch extensions: encoders and decoders between
 * messages and the values of {@code io.seine.openflow}. Pure functions without sockets or threads.
 * Messages that openflowj gets right are its own; {@code docs/decisions/openflow-codec.md} says
 * which it does not, and why those are written here.
 */
@NullMarked
package io.seine.openflow.wire;

import org.jspecify.annotations.NullMarked;
