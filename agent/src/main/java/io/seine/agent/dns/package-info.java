/**
 * The addresses of domain names that policies speak of, learned from the DNS answers that pods of
 * this node get; an answer reaches its pod when the switch lets the pod reach what is in it.
 */
@NullMarked
package io.seine.agent.dns;

import org.jspecify.annotations.NullMarked;
