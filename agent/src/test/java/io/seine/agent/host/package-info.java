@NullMarked
package io.seine.agent.host;

import org.jspecify.annotations.NullMarked;
