package io.seine.ovsdb;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A database call that did not do what was asked; the message names the operation, the table and
 * what OVS answered.
 */
public final class OvsdbException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What kind of failure it was, which is what a caller can act on. */
  public enum Reason {
    /**
     * There is no connection, or it ended during the call. A transaction under way may or may not
     * have been committed: look at the cache after the reconnect.
     */
    DISCONNECTED,
    /**
     * No answer, or no such state, within the deadline. As with {@link #DISCONNECTED}, a
     * transaction may have been committed.
     */
    TIMEOUT,
    /** A {@code wait} of the transaction did not hold; nothing was changed. */
    GUARD,
    /**
     * The transaction would break a constraint of the schema (a name used twice, a reference to
     * nothing); nothing was changed.
     */
    CONSTRAINT,
    /** The server refused the call for another reason; nothing was changed. */
    REFUSED,
    /** ovs-vswitchd could not open the interface; the row is there. */
    INTERFACE,
    /** The database does not hold what the call rests on, for example a bridge. */
    STATE
  }

  private final Reason reason;

  OvsdbException(Reason reason, String message) {
    this(reason, message, null);
  }

  OvsdbException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** The kind of failure. */
  public Reason reason() {
    return reason;
  }
}
