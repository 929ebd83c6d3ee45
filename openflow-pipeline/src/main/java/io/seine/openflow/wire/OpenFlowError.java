package io.seine.openflow.wire;

import io.seine.openflow.Bits;

/**
 * An error message of the switch.
 *
 * @param experimenter 0 for an error of OpenFlow itself; else the vendor, and {@code code} is its
 *     own number
 * @param name as Open vSwitch prints it, such as {@code OFPBAC_BAD_OUT_PORT}; for one that is not
 *     listed its numbers
 * @param offender the start of the message that caused it
 */
public record OpenFlowError(int type, int code, int experimenter, String name, Bits offender) {
  private static final int EXPERIMENTER_TYPE = 0xffff;

  /** Reads the body of an error message. */
  public static OpenFlowError read(Input in) throws DecodeException {
    int type = in.u16();
    int code = in.u16();
    int experimenter = type == EXPERIMENTER_TYPE ? in.u32() : 0;
    return new OpenFlowError(
        type, code, experimenter, ErrorNames.name(type, code, experimenter), in.rest());
  }
}
