@NullMarked
package io.seine.cli;

import org.jspecify.annotations.NullMarked;
