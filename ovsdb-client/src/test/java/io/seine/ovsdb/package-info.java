/**
 * Tests of the OVSDB client, those tagged "system" against a real ovsdb-server and ovs-vswitchd.
 */
@NullMarked
package io.seine.ovsdb;

import org.jspecify.annotations.NullMarked;
