@NullMarked
package io.seine.sandbox.replay;

import org.jspecify.annotations.NullMarked;
