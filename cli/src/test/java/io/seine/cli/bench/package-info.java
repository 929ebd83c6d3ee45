/** Tests of the parts of the benchmarks that compute and write: no figure is measured here. */
@NullMarked
package io.seine.cli.bench;

import org.jspecify.annotations.NullMarked;
