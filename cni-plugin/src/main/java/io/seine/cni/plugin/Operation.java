package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;

/**
 * The CNI operations, with the time each may take from the start of the process when the
 * configuration does not say.
 */
enum Operation {
  ADD(50),
  DEL(30),
  CHECK(30),
  GC(50),
  STATUS(10),
  VERSION(1);

  private final int seconds;

  Operation(int seconds) {
    this.seconds = seconds;
  }

  /**
   * The operation that CNI_COMMAND names.
   *
   * @throws CniException code 4, when it is not set or unknown
   */
  static Operation of(Os os) throws CniException {
    byte[] value = Environment.read(os, "CNI_COMMAND");
    String name = new String(value, StandardCharsets.UTF_8);
    for (Operation operation : values()) {
      if (operation.name().equals(name)) {
        return operation;
      }
    }
    throw new CniException(
        CniError.INVALID_ENVIRONMENT,
        name.isEmpty()
            ? "environment variable CNI_COMMAND is not set"
            : "environment variable CNI_COMMAND is unknown: " + ReplyHeaders.printable(name),
        "this is a CNI plugin, run by a container runtime with CNI_COMMAND one of ADD, DEL, CHECK, GC, STATUS, VERSION");
  }

  int defaultMillis() {
    return seconds * 1000;
  }

  /** Whether it is about one container's interface. */
  boolean needsAttachment() {
    return this == ADD || this == DEL || this == CHECK;
  }

  boolean needsNetns() {
    return this == ADD || this == CHECK;
  }

  /**
   * The code of the error when the agent cannot be asked: STATUS has one of its own (CNI 1.1.0,
   * section 5).
   */
  int unavailableCode() {
    return this == STATUS ? CniError.NOT_AVAILABLE : CniError.TRY_AGAIN_LATER;
  }
}
