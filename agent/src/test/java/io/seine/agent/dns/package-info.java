@NullMarked
package io.seine.agent.dns;

import org.jspecify.annotations.NullMarked;
