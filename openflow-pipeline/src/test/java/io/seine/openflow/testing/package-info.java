/** Real switches for tests: private Open vSwitch instances that leave nothing behind. */
@NullMarked
package io.seine.openflow.testing;

import org.jspecify.annotations.NullMarked;
