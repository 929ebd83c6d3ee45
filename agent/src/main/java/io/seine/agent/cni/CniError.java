package io.seine.agent.cni;

/**
 * A CNI operation cannot be done; becomes the error object of SPEC 1.1.0, "Error".
 *
 * <p>The message says what is wrong, the details what to do about it.
 */
final class CniError extends Exception {
  private static final long serialVersionUID = 1L;

  static final int INCOMPATIBLE_VERSION = 1;
  static final int UNSUPPORTED_FIELD = 2;
  static final int UNKNOWN_CONTAINER = 3;
  static final int INVALID_ENVIRONMENT = 4;
  static final int IO_FAILURE = 5;
  static final int DECODE_FAILURE = 6;
  static final int INVALID_CONFIG = 7;
  static final int TRY_AGAIN_LATER = 11;
  static final int NOT_AVAILABLE = 50;
  static final int LIMITED_CONNECTIVITY = 51;

  /** The interface is in the namespace already, and it is not Seine's for this container. */
  static final int INTERFACE_EXISTS = 100;

  /** CHECK found the attachment different from what ADD made. */
  static final int BROKEN_ATTACHMENT = 101;

  private final int code;
  private final String details;

  CniError(int code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  CniError(int code, String message, String details, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.details = details;
  }

  int code() {
    return code;
  }

  /** What to do about it; may be empty. */
  String details() {
    return details;
  }
}
