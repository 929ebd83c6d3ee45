package io.seine.cni.plugin;

/** How the process ends: what it prints on standard output and its exit code. */
final class Outcome {
  private final int exitCode;
  private final byte[] stdout;

  private Outcome(int exitCode, byte[] stdout) {
    this.exitCode = exitCode;
    this.stdout = stdout;
  }

  static Outcome of(int exitCode, byte[] stdout) {
    return new Outcome(exitCode, stdout);
  }

  static Outcome success(byte[] stdout) {
    return new Outcome(0, stdout);
  }

  static Outcome failure(CniError error, String cniVersion) {
    return new Outcome(1, error.toJson(cniVersion));
  }

  int exitCode() {
    return exitCode;
  }

  byte[] stdout() {
    return stdout;
  }
}
