@NullMarked
package io.seine.cni.plugin;

import org.jspecify.annotations.NullMarked;
