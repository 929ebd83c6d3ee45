@NullMarked
package io.seine.agent;

import org.jspecify.annotations.NullMarked;
