package io.seine.sandbox.replay;

/** A case file says something that makes no sense; the message says what and where. */
public final class CaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CaseException(String message) {
    super(message);
  }

  public CaseException(String message, Throwable cause) {
    super(message, cause);
  }
}
