/** {@code seine sandbox}: a cluster on this machine, made, used and taken down from the shell. */
@NullMarked
package io.seine.cli.sandbox;

import org.jspecify.annotations.NullMarked;
