package io.seine.openflow;

/**
 * The switch refused a request, did not answer in time, or went away. The message says which, and
 * what it was asked.
 */
public class SwitchException extends Exception {
  private static final long serialVersionUID = 1L;

  public SwitchException(String message) {
    super(message);
  }

  public SwitchException(String message, Throwable cause) {
    super(message, cause);
  }
}
