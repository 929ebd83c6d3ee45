@NullMarked
package io.seine.agent.ipam;

import org.jspecify.annotations.NullMarked;
