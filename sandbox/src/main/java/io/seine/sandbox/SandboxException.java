package io.seine.sandbox;

/** Something a sandbox was asked for that cannot be done; the message is for the user. */
public final class SandboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SandboxException(String message) {
    super(message);
  }

  public SandboxException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
