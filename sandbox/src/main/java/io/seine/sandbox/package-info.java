@NullMarked
package io.seine.sandbox;

import org.jspecify.annotations.NullMarked;
