/**
 * A Seine cluster on one machine. Each node is a network namespace with its own Open vSwitch and
 * its own agent; pods are namespaces connected by the real CNI executable; the API server is
 * embedded. Everything a sandbox makes carries its name, so that taking it down needs no memory of
 * having made it and works after a crash too.
 */
@NullMarked
package io.seine.sandbox;

import org.jspecify.annotations.NullMarked;
