/** The agent's metrics, as Prometheus reads them. */
@NullMarked
package io.seine.agent.metrics;

import org.jspecify.annotations.NullMarked;
