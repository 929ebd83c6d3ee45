/**
 * {@code seine flows}: what a node's switch holds, in the cluster's own words, read from the switch
 * itself; and {@code seine why}: what policies say of a connection, and whether the switches agree.
 */
@NullMarked
package io.seine.cli.flows;

import org.jspecify.annotations.NullMarked;
