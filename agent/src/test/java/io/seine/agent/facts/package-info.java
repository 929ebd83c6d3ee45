@NullMarked
package io.seine.agent.facts;

import org.jspecify.annotations.NullMarked;
