@NullMarked
package io.seine.agent.reject;

import org.jspecify.annotations.NullMarked;
