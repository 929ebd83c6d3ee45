package io.seine.cni.plugin;

/**
 * The agent did not answer: it could not be reached, closed the connection, took too long, refused
 * the call, or spoke nonsense. The message says which, without naming the operation.
 */
final class CallException extends Exception {
  CallException(String message) {
    super(message);
  }

  static CallException protocol(String what) {
    return new CallException("the agent's reply is not valid gRPC: " + what);
  }

  /** The message; never absent. */
  String text() {
    return String.valueOf(getMessage());
  }
}
