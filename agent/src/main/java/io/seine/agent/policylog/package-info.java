/** One line in the log for each connection that a policy with logging decides. */
@NullMarked
package io.seine.agent.policylog;

import org.jspecify.annotations.NullMarked;
