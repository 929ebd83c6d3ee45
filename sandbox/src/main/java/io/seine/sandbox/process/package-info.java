/** Running the system's own commands, and daemons that outlive the caller. */
@NullMarked
package io.seine.sandbox.process;

import org.jspecify.annotations.NullMarked;
