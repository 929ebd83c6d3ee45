@NullMarked
package io.seine.agent.cni;

import org.jspecify.annotations.NullMarked;
