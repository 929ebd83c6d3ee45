package io.seine.reconcile;

/** What an owner asked for is not in the switch; the message says why not and what comes next. */
public final class InstallException extends Exception {
  private static final long serialVersionUID = 1L;

  public InstallException(String message) {
    super(message);
  }
}
