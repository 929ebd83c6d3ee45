/**
 * What the agent tells users in the cluster: Kubernetes Events on the objects concerned, and
 * conditions in their status.
 */
@NullMarked
package io.seine.agent.events;

import org.jspecify.annotations.NullMarked;
