/**
 * Network policy as a switch enforces it: rules with their subjects, peers and ports, and the flows
 * that they become. Knows nothing of Kubernetes' selectors: sets of pods and of addresses are given
 * as they are at the moment.
 */
@NullMarked
package io.seine.pipeline.policy;

import org.jspecify.annotations.NullMarked;
