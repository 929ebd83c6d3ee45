package io.seine.cni.plugin;

import org.teavm.interop.Address;

/**
 * The executable's entry. Whatever happens, standard output gets a CNI result, a CNI error or
 * nothing, and nothing else.
 */
public final class Main {
  /** How long a runtime may take to read what is printed. */
  private static final int PRINT_MILLIS = 5_000;

  private Main() {}

  /** Runs one CNI operation and ends the process; the arguments are ignored, as CNI has none. */
  public static void main(String[] args) {
    NativeOs os = new NativeOs();
    // Writing to a runtime that has gone must be an error to report by the exit code, not a death
    // by signal.
    Libc.signal(Libc.SIGPIPE, Address.fromInt(Libc.SIG_IGN));
    Outcome outcome = run(os);
    boolean printed = os.print(outcome.stdout(), Deadline.after(os, os.nanoTime(), PRINT_MILLIS));
    Libc.exit(printed || outcome.exitCode() != 0 ? outcome.exitCode() : 1);
  }

  @SuppressWarnings(
      "CatchAndPrintStackTrace") // an uncaught exception would abort the process without a CNI
  // error
  private static Outcome run(NativeOs os) {
    try {
      return Plugin.run(os, os.nanoTime());
    } catch (Throwable e) {
      CniError error =
          new CniError(
              CniError.INTERNAL,
              "the plugin failed: " + e,
              "this is a defect of Seine; please report it");
      return Outcome.failure(error, Config.DEFAULT_VERSION);
    }
  }
}
