/**
 * Says in words what is in a switch: the tables, registers and marks by their names, addresses and
 * ports by the pods, services and nodes they belong to, and whose each flow is.
 */
@NullMarked
package io.seine.pipeline.explain;

import org.jspecify.annotations.NullMarked;
