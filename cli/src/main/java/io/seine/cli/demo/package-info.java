/** {@code seine demo}: the whole story in a minute, every statement checked. */
@NullMarked
package io.seine.cli.demo;

import org.jspecify.annotations.NullMarked;
