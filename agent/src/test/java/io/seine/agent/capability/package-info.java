@NullMarked
package io.seine.agent.capability;

import org.jspecify.annotations.NullMarked;
