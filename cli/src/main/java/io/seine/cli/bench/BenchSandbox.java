package io.seine.cli.bench;

import io.seine.sandbox.Sandbox;
import io.seine.sandbox.SandboxSpec;
import io.seine.sandbox.SandboxView;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The sandbox of one benchmark. It is removed when this is closed, when the JVM is told to end, and
 * if even that fails, when the next benchmark starts.
 */
final class BenchSandbox implements AutoCloseable {
  static final String NAME = "bench";
  private static final long LAST_STEP_SECONDS = 10;
  private final Thread owner = Thread.currentThread();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread onExit = new Thread(this::interrupted, "bench-cleanup");
  private final Sandbox sandbox;

  BenchSandbox(SandboxSpec spec, Bench.Progress progress) {
    Runtime.getRuntime().addShutdownHook(onExit);
    try {
      sandbox = Sandbox.up(spec, (what, took) -> progress.say(what));
    } catch (RuntimeException e) {
      var _ = Runtime.getRuntime().removeShutdownHook(onExit);
      throw e;
    }
  }

  SandboxView view() {
    return sandbox.view();
  }

  /** The user does not want to wait: the owner gets to close this, and what remains is removed. */
  private void interrupted() {
    owner.interrupt();
    try {
      var _ = closed.await(LAST_STEP_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Sandbox.remove(NAME);
  }

  @Override
  public void close() {
    // An interrupt is served by now, and would keep the processes from being waited for.
    boolean interrupted = Thread.interrupted();
    try {
      sandbox.close();
    } finally {
      closed.countDown();
      if (interrupted) {
        owner.interrupt();
      }
    }
    try {
      var _ = Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM is ending already: the hook runs, and finds nothing left to remove.
      return;
    }
  }
}
