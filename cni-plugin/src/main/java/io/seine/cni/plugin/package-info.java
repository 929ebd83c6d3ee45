/**
 * The CNI executable. A container runtime runs it once per operation; it hands the CNI environment
 * and standard input to the agent in one gRPC call over a Unix socket and prints the answer. It
 * decides nothing itself except what has to be said when the agent cannot be asked.
 *
 * <p>The package is compiled twice: by javac for the tests, and by TeaVM to C and by a C compiler
 * to one static executable. Only {@code Main}, {@code NativeOs}, {@code NativeSocket} and {@code
 * Libc} need the native form; everything else is plain Java on the interfaces {@code Os} and {@code
 * Transport}. One thread, no shared state. The rules of this small world (no {@code System.out}, no
 * {@code System.getenv}, bounded sizes, no division by a variable) are in
 * docs/decisions/cni-executable.md.
 */
@NullMarked
package io.seine.cni.plugin;

import org.jspecify.annotations.NullMarked;
