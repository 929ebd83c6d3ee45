/**
 * What the switch is: typed rows, transactions and a monitored cache over the OVSDB Unix socket.
 *
 * <p>The OpenDaylight OVSDB library does the JSON-RPC calls, the schema and the row decoding; this
 * package replaces its framing, gives every call a deadline, fails calls when the connection ends,
 * reconnects, and checks every row of every result. All methods block and may be called from any
 * thread (virtual threads included); all values are immutable.
 */
@NullMarked
package io.seine.ovsdb;

import org.jspecify.annotations.NullMarked;
