/**
 * The agent's one configuration file: the options, what each may hold, and the reading of the file
 * with every mistake named by file, line and column. The option definitions are also what {@code
 * docs/configuration.md} is made from.
 */
@NullMarked
package io.seine.agent.config;

import org.jspecify.annotations.NullMarked;
