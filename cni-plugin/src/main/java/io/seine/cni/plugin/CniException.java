package io.seine.cni.plugin;

/** The operation cannot go on, for a reason that the runtime is told. */
final class CniException extends Exception {
  private final transient CniError error;

  CniException(int code, String msg, String details) {
    super(msg);
    error = new CniError(code, msg, details);
  }

  CniError error() {
    return error;
  }
}
