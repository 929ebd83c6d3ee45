/**
 * A real container runtime, asked what a kubelet asks: Debian's containerd with runc, in a node of
 * the sandbox, driven over the Container Runtime Interface, with an image that is made on the spot.
 */
@NullMarked
package io.seine.cri;

import org.jspecify.annotations.NullMarked;
