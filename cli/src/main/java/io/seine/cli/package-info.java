/** The {@code seine} command line: the program's entry, and what its commands share. */
@NullMarked
package io.seine.cli;

import org.jspecify.annotations.NullMarked;
