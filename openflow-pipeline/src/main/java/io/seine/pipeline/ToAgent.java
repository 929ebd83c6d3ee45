package io.seine.pipeline;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import java.util.OptionalInt;

/** What the switch hands to the agent, and why: the first byte of the user data says so. */
public final class ToAgent {
  /** To be refused, since a service has no endpoint. */
  public static final int REJECT = 1;

  /** An IPv6 neighbour solicitation, to be answered. */
  public static final int NEIGHBOUR = 2;

  /**
   * The meter that these packets go through, so that they are no weapon. Whoever connects installs
   * it; without it they are not held back in the switch.
   */
  public static final int METER = 1;

  /** Enough of a packet to quote in an ICMP error, and all of a TCP segment without data. */
  private static final int BYTES = 256;

  private ToAgent() {}

  static Action reject() {
    return controller(REJECT);
  }

  static Action neighbour() {
    return controller(NEIGHBOUR);
  }

  private static Action controller(int why) {
    return new Action.Controller(
        BYTES, 0, Action.Controller.ACTION, Bits.of(why, 1), false, OptionalInt.of(METER));
  }
}
