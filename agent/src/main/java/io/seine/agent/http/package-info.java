/** The agent's small HTTP server: health, readiness, metrics and status. */
@NullMarked
package io.seine.agent.http;

import org.jspecify.annotations.NullMarked;
