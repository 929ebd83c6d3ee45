package io.seine.agent.cni;

/** The operations, with the version of the specification that brought each. */
enum CniCommand {
  ADD(CniVersion.V0_3_1),
  DEL(CniVersion.V0_3_1),
  VERSION(CniVersion.V0_3_1),
  CHECK(CniVersion.V0_4_0),
  GC(CniVersion.V1_1_0),
  STATUS(CniVersion.V1_1_0);

  private final CniVersion since;

  CniCommand(CniVersion since) {
    this.since = since;
  }

  CniVersion since() {
    return since;
  }
}
