package io.seine.cni.plugin;

import java.util.Arrays;

/** The message {@code seine.cni.v1.InvokeReply}: the exit code and what to print. */
final class InvokeReply {
  private final int exitCode;
  private final byte[] stdout;

  private InvokeReply(int exitCode, byte[] stdout) {
    this.exitCode = exitCode;
    this.stdout = stdout;
  }

  /** 0 to 255. */
  int exitCode() {
    return exitCode;
  }

  byte[] stdout() {
    return stdout;
  }

  /**
   * Decodes the protobuf message; fields unknown to this version are skipped, of a repeated field
   * the last counts.
   *
   * @throws CallException when the bytes are not a protobuf message of this shape
   */
  static InvokeReply decode(byte[] message) throws CallException {
    int exitCode = 0;
    byte[] stdout = new byte[0];
    ProtoReader in = new ProtoReader(message);
    while (in.nextField()) {
      if (in.is(1, ProtoReader.VARINT)) {
        exitCode = exitCode(in.varint());
      } else if (in.is(2, ProtoReader.LENGTH_DELIMITED)) {
        int length = in.length();
        stdout = Arrays.copyOfRange(message, in.position() - length, in.position());
      } else {
        in.skip();
      }
    }
    return new InvokeReply(exitCode, stdout);
  }

  /**
   * A code that a process cannot end with is a failure all the same: it must not become 0 by losing
   * its upper bits.
   */
  private static int exitCode(long code) {
    return code >= 0 && code <= 255 ? (int) code : 1;
  }
}
