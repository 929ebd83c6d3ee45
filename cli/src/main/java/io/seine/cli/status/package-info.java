/** {@code seine status}: one screen about every node. */
@NullMarked
package io.seine.cli.status;

import org.jspecify.annotations.NullMarked;
