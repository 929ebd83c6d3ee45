/**
 * {@code seine flows}: what a node's switch holds, in the cluster's own words, read from the switch
 * itself.
 */
@NullMarked
package io.seine.cli.flows;

import org.jspecify.annotations.NullMarked;
