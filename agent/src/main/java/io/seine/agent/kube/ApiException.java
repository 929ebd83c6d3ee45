package io.seine.agent.kube;

/** The API server did not answer, or not as it should. The message says what was asked of whom. */
public final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean gone;

  public ApiException(String message) {
    this(message, false);
  }

  ApiException(String message, boolean gone) {
    super(message);
    this.gone = gone;
  }

  ApiException(String message, Throwable cause) {
    super(message, cause);
    this.gone = false;
  }

  /** Whether a continuation has expired, so that the list must start over. */
  boolean gone() {
    return gone;
  }
}
