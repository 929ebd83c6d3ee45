package io.seine.openflow;

/**
 * The switch answered a request with an error: it is there, and nothing of the request took effect.
 * A reconciler may therefore ask for less and go on, which it may not after any other {@link
 * SwitchException}.
 */
public final class SwitchRefusal extends SwitchException {
  private static final long serialVersionUID = 1L;

  public SwitchRefusal(String message) {
    super(message);
  }

  public SwitchRefusal(String message, Throwable cause) {
    super(message, cause);
  }
}
