package io.seine.openflow.wire;

/** Action types of OpenFlow 1.5, and subtypes of Open vSwitch's experimenter actions. */
final class ActionType {
  static final int OUTPUT = 0;
  static final int PUSH_VLAN = 17;
  static final int POP_VLAN = 18;
  static final int GROUP = 22;
  static final int DEC_TTL = 24;
  static final int SET_FIELD = 25;
  static final int COPY_FIELD = 28;
  static final int METER = 29;
  static final int EXPERIMENTER = 0xffff;

  static final int NX_RESUBMIT = 1;
  static final int NX_NOTE = 8;
  static final int NX_RESUBMIT_TABLE = 14;
  static final int NX_OUTPUT_REG = 15;
  static final int NX_LEARN = 16;
  static final int NX_CONTROLLER = 20;
  static final int NX_CONJUNCTION = 34;
  static final int NX_CT = 35;
  static final int NX_NAT = 36;
  static final int NX_CONTROLLER2 = 37;
  static final int NX_CT_CLEAR = 43;

  /** Of resubmit: the table in which the action stands. */
  static final int SAME_TABLE = 0xff;

  private ActionType() {}
}
