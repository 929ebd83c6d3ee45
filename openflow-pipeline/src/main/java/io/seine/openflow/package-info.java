/**
 * The vocabulary of an OpenFlow 1.5 switch with the Open vSwitch extensions: fields, matches,
 * actions, flows and groups as immutable values. Nothing here knows of Kubernetes, of sockets or of
 * bytes on the wire.
 */
@NullMarked
package io.seine.openflow;

import org.jspecify.annotations.NullMarked;
