/**
 * The controllers of the sandbox: just enough of a control plane for Deployments, Services and
 * EndpointSlices.
 */
@NullMarked
package io.seine.sandbox.control;

import org.jspecify.annotations.NullMarked;
