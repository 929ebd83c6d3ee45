/**
 * The Kubernetes API: lists and watches, reduced at once to small records of what the agent needs.
 * No Kubernetes type leaves this package, and no full object is kept.
 */
@NullMarked
package io.seine.agent.kube;

import org.jspecify.annotations.NullMarked;
