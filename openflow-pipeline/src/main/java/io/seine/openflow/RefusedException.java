package io.seine.openflow;

import java.util.Optional;

/** The switch understood and said no. Nothing of what it was asked has happened. */
public final class RefusedException extends SwitchException {
  private static final long serialVersionUID = 1L;

  private final String error;
  private final transient Optional<Change> change;

  public RefusedException(String message, String error, Optional<Change> change) {
    super(message);
    this.error = error;
    this.change = change;
  }

  /** The name of the error, such as {@code OFPGMFC_UNKNOWN_GROUP}. */
  public String error() {
    return error;
  }

  /** The change of a bundle that was refused; empty if it was not one of them. */
  public Optional<Change> change() {
    return change;
  }
}
