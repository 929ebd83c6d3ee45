@NullMarked
package io.seine.agent.http;

import org.jspecify.annotations.NullMarked;
