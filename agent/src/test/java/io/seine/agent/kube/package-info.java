@NullMarked
package io.seine.agent.kube;

import org.jspecify.annotations.NullMarked;
