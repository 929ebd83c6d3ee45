@NullMarked
package io.seine.agent.policylog;

import org.jspecify.annotations.NullMarked;
