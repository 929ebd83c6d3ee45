/**
 * Services and their EndpointSlices, put together to facts that the compilers of {@code
 * io.seine.pipeline} take.
 */
@NullMarked
package io.seine.agent.service;

import org.jspecify.annotations.NullMarked;
