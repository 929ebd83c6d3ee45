/**
 * A node of the sandbox: its namespace, its Open vSwitch, its agent, and the underlay that joins it
 * to the others.
 */
@NullMarked
package io.seine.sandbox.node;

import org.jspecify.annotations.NullMarked;
