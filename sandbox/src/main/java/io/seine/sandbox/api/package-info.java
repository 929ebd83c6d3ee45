/**
 * The API server of the sandbox: the embedded one, and the way into it from the nodes' namespaces.
 */
@NullMarked
package io.seine.sandbox.api;

import org.jspecify.annotations.NullMarked;
