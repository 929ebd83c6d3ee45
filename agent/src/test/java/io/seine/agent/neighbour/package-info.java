@NullMarked
package io.seine.agent.neighbour;

import org.jspecify.annotations.NullMarked;
