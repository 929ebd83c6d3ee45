/** What the agent tells users in the cluster: Kubernetes Events on the objects concerned. */
@NullMarked
package io.seine.agent.events;

import org.jspecify.annotations.NullMarked;
