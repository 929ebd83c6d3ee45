/** What {@code seine flows} prints. */
@NullMarked
package io.seine.cli.flows;

import org.jspecify.annotations.NullMarked;
