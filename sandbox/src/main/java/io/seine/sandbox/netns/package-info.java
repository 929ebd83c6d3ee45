/**
 * Network namespaces: made and removed by name, and entered from Java for the moment it takes to
 * open a socket there.
 */
@NullMarked
package io.seine.sandbox.netns;

import org.jspecify.annotations.NullMarked;
