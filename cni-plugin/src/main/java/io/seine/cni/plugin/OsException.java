package io.seine.cni.plugin;

/**
 * A call to the operating system failed, or its deadline passed. The message names the object and
 * the reason.
 */
final class OsException extends Exception {
  private final boolean timeout;

  private OsException(String message, boolean timeout) {
    super(message);
    this.timeout = timeout;
  }

  static OsException failed(String what, String reason) {
    return new OsException(what + ": " + reason, false);
  }

  static OsException timedOut(String what, Deadline deadline) {
    return new OsException(what + ": not done within " + deadline.given(), true);
  }

  /** Whether the deadline passed, as against an error. */
  boolean timeout() {
    return timeout;
  }

  /** The message; never absent. */
  String text() {
    return String.valueOf(getMessage());
  }
}
