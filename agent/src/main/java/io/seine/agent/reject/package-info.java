/**
 * Refusals for services without endpoints: the switch hands such packets to the agent, which
 * answers as a host would whose port is closed.
 */
@NullMarked
package io.seine.agent.reject;

import org.jspecify.annotations.NullMarked;
