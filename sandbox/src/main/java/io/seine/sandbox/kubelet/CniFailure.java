package io.seine.sandbox.kubelet;

/** A CNI plugin that refused or failed; the message is what a kubelet would report. */
public final class CniFailure extends Exception {
  private static final long serialVersionUID = 1L;

  CniFailure(String message) {
    super(message);
  }
}
