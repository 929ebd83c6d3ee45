@NullMarked
package io.seine.agent.healthcheck;

import org.jspecify.annotations.NullMarked;
