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

  /** A connection that a logging policy decided; {@code PolicyPacketIn} says how. */
  public static final int POLICY = 3;

  /** A DNS answer for a pod, to be read and sent on to it. */
  public static final int ANSWER = 4;

  /**
   * The meter that these packets go through, so that they are no weapon. Whoever connects installs
   * it; without it they are not held back in the switch.
   */
  public static final int METER = 1;

  /** The meter of {@link #POLICY}, apart so that logging takes nothing from the others. */
  public static final int POLICY_METER = 2;

  /** The meter of {@link #ANSWER}: what it drops is asked for again. */
  public static final int ANSWER_METER = 3;

  private static final int WHOLE = 0xffff;

  /** Enough of a packet to quote in an ICMP error, and all of a TCP segment without data. */
  private static final int BYTES = 256;

  private ToAgent() {}

  static Action reject() {
    return controller(Bits.of(REJECT, 1), METER);
  }

  static Action neighbour() {
    return controller(Bits.of(NEIGHBOUR, 1), METER);
  }

  /** Tells of a connection that a policy decided; the first byte is {@link #POLICY}. */
  public static Action policy(Bits userdata) {
    return controller(userdata, POLICY_METER);
  }

  /** Hands over a DNS answer. */
  public static Action answer() {
    return controller(WHOLE, Bits.of(ANSWER, 1), ANSWER_METER);
  }

  private static Action controller(Bits userdata, int meter) {
    return controller(BYTES, userdata, meter);
  }

  private static Action controller(int bytes, Bits userdata, int meter) {
    return new Action.Controller(
        bytes, 0, Action.Controller.ACTION, userdata, false, OptionalInt.of(meter));
  }
}
