package io.seine.cli;

import io.seine.sandbox.SandboxException;
import java.io.IOException;
import java.util.List;

/** Runs a command in place of this one: same terminal, same streams, its exit status. */
public final class Foreground {
  private Foreground() {}

  public static int run(List<String> argv) {
    try {
      return new ProcessBuilder(argv).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new SandboxException("cannot run " + argv.getFirst(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 130;
    }
  }
}
