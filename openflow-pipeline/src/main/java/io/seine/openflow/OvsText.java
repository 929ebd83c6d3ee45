package io.seine.openflow;

/** placeholder until rendered */
public final class OvsText {
  private OvsText() {}

  public static String of(Change change) {
    return change.toString();
  }
}
