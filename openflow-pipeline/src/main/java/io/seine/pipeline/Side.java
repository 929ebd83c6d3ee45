package io.seine.pipeline;

/** The kinds of port that a packet comes from and goes to. */
public enum Side {
  TUNNEL(1, "tunnel"),
  GATEWAY(2, "gateway"),
  POD(3, "pod");

  private final int code;
  private final String label;

  Side(int code, String label) {
    this.code = code;
    this.label = label;
  }

  /** Its value in {@link Registers#SOURCE} and {@link Registers#DESTINATION}. */
  public int code() {
    return code;
  }

  public String label() {
    return label;
  }
}
