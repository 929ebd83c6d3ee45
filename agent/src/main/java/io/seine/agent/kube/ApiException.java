package io.seine.agent.kube;

/** The API server did not answer, or not as it should. The message says what was asked of whom. */
public final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final int code;

  public ApiException(String message) {
    this(message, 0);
  }

  /**
   * @param code the status of the HTTP answer; 0 without one
   */
  ApiException(String message, int code) {
    super(message);
    this.code = code;
  }

  ApiException(String message, Throwable cause) {
    super(message, cause);
    this.code = 0;
  }

  /** Whether the API has no such collection: a resource that is not defined in this cluster. */
  boolean notFound() {
    return code == NOT_FOUND;
  }

  /**
   * Whether what was asked for cannot be done because the object is gone, or another one has its
   * name by now.
   */
  public boolean refersToNothing() {
    return code == NOT_FOUND || code == CONFLICT;
  }
}
