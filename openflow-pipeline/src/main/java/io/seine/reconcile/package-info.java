/**
 * Keeps the switch as it should be: holds what each owner wants installed, sends the difference as
 * ordered atomic bundles, adopts what a switch already has, and audits it from time to time.
 */
@NullMarked
package io.seine.reconcile;

import org.jspecify.annotations.NullMarked;
