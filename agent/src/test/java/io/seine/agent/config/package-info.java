@NullMarked
package io.seine.agent.config;

import org.jspecify.annotations.NullMarked;
