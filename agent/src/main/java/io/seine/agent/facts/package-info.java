/**
 * From what the API says to what the reconciler is asked for: one loop that owns all facts about
 * nodes and services, and the same translation done once, for those who only want to look.
 */
@NullMarked
package io.seine.agent.facts;

import org.jspecify.annotations.NullMarked;
