/**
 * {@code seine bench}: what Seine costs, measured on this machine beside what the named peers cost,
 * in turns in one run. Each benchmark makes what it needs in a sandbox of its own and takes it down
 * again, also when it fails or is interrupted.
 */
@NullMarked
package io.seine.cli.bench;

import org.jspecify.annotations.NullMarked;
