@NullMarked
package io.seine.agent.metrics;

import org.jspecify.annotations.NullMarked;
