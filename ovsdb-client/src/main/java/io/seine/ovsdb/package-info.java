@NullMarked
package io.seine.ovsdb;

import org.jspecify.annotations.NullMarked;
