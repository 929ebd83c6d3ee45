package io.seine.agent.policy;

import io.seine.agent.events.Problem;
import java.util.List;
import java.util.Optional;

/**
 * What an object comes to.
 *
 * @param policy empty if it has no effect
 */
record Translation(Optional<Policy> policy, List<Problem> problems) {}
