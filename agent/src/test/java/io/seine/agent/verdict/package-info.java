@NullMarked
package io.seine.agent.verdict;

import org.jspecify.annotations.NullMarked;
