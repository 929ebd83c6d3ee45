/** Every extension, against bytes and against random bytes. */
@NullMarked
package io.seine.openflow.wire;

import org.jspecify.annotations.NullMarked;
