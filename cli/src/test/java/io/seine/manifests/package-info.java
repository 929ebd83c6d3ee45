/**
 * What {@code manifests/} gives to a cluster: objects that the API takes, and scripts that do what
 * they say.
 */
@NullMarked
package io.seine.manifests;

import org.jspecify.annotations.NullMarked;
