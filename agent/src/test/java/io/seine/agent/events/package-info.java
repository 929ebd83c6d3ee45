@NullMarked
package io.seine.agent.events;

import org.jspecify.annotations.NullMarked;
