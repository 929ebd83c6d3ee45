/**
 * What the switch should do: the tables, the registers and marks with their names, and the
 * compilers that turn facts about nodes, pods and services into flows and groups. Pure functions
 * and values; nothing here has state, knows of Kubernetes, or talks to anything.
 */
@NullMarked
package io.seine.pipeline;

import org.jspecify.annotations.NullMarked;
