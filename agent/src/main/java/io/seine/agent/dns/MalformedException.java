package io.seine.agent.dns;

/**
 * Bytes that are no DNS message (RFC 1035, section 4); what is said is for counts and debugging.
 */
final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedException(String message) {
    super(message);
  }
}
