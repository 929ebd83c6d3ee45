package io.seine.openflow;

/** Reserved port numbers (OpenFlow 1.5, section 7.2.1.2), as 32-bit values. */
public final class Ports {
  public static final int IN_PORT = 0xfffffff8;
  public static final int CONTROLLER = 0xfffffffd;
  public static final int LOCAL = 0xfffffffe;
  public static final int ANY = 0xffffffff;

  private Ports() {}
}
