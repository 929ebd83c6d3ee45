/**
 * Cases of network policy that people write and machines play: a small cluster, changes to it, and
 * after each who can reach whom, as a table. One file is played by several executors (the API's
 * documents, the switch's own trace, packets between pods), which must all agree with it.
 */
@NullMarked
package io.seine.sandbox.replay;

import org.jspecify.annotations.NullMarked;
