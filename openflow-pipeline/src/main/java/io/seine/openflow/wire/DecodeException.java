package io.seine.openflow.wire;

/** Bytes that are not the OpenFlow message they should be. The message says what did not fit. */
public final class DecodeException extends Exception {
  private static final long serialVersionUID = 1L;

  public DecodeException(String message) {
    super(message);
  }

  public DecodeException(String message, Throwable cause) {
    super(message, cause);
  }
}
