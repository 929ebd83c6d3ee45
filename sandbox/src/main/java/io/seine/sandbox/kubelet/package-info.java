/**
 * The kubelet of the sandbox: it gives each scheduled Pod a network namespace, runs the CNI plugins
 * on it as a container runtime would, and answers for its containers.
 */
@NullMarked
package io.seine.sandbox.kubelet;

import org.jspecify.annotations.NullMarked;
