/**
 * What makes a change of policy hold for UDP connections of which only the answering side still
 * speaks: it asks the switch about each of them, since no packet that would be judged comes by
 * itself.
 */
@NullMarked
package io.seine.agent.sweep;

import org.jspecify.annotations.NullMarked;
