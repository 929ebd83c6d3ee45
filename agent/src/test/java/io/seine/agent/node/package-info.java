@NullMarked
package io.seine.agent.node;

import org.jspecify.annotations.NullMarked;
