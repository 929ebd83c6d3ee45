/**
 * Answers load balancers that ask whether this node has endpoints of a service with {@code
 * externalTrafficPolicy: Local}: on the port that the API server gave the service for it.
 */
@NullMarked
package io.seine.agent.healthcheck;

import org.jspecify.annotations.NullMarked;
