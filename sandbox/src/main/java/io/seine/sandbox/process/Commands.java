package io.seine.sandbox.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Runs short commands to their end. Blocking; may be called from any thread. */
public final class Commands {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Executor READERS = Thread::startVirtualThread;

  private Commands() {}

  /**
   * How a command ended.
   *
   * @param exit its exit status
   * @param out what it printed on standard output, as UTF-8
   * @param err what it printed on standard error, as UTF-8
   */
  public record Result(int exit, String out, String err) {
    public boolean ok() {
      return exit == 0;
    }
  }

  /** Runs a command and returns its standard output; any exit status but 0 is an error. */
  public static String check(List<String> argv) {
    return checkWith(Map.of(), "", argv);
  }

  public static String check(String... argv) {
    return check(List.of(argv));
  }

  /** As {@link #check(List)}, with more environment and something to read on standard input. */
  public static String checkWith(Map<String, String> env, String stdin, List<String> argv) {
    Result result = run(env, stdin, argv);
    if (!result.ok()) {
      throw new CommandFailed(argv, result);
    }
    return result.out();
  }

  public static Result run(List<String> argv) {
    return run(Map.of(), "", argv);
  }

  /**
   * Runs a command to its end, whatever that is.
   *
   * @throws CommandFailed if it cannot be started, or is still running after 30 s (it is killed)
   */
  public static Result run(Map<String, String> env, String stdin, List<String> argv) {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().putAll(env);
    try {
      Process process = builder.start();
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      try (var input = process.getOutputStream()) {
        input.write(stdin.getBytes(StandardCharsets.UTF_8));
      } catch (IOException ignored) {
        // The command ended without reading its input; its exit status says whether that is wrong.
      }
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new CommandFailed(
            argv, new Result(-1, "", "still running after " + LIMIT.toSeconds() + " s; killed"));
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new CommandFailed(argv, new Result(-1, "", String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailed(argv, new Result(-1, "", "interrupted while it was running"));
    }
  }

  /**
   * Starts a process that outlives this one: in a session of its own, reading nothing, its output
   * appended to a file.
   *
   * @return its process id
   */
  public static long startDetached(Map<String, String> env, Path log, List<String> argv) {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(argv);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(env);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.redirectErrorStream(true);
    try {
      return builder.start().pid();
    } catch (IOException e) {
      throw new CommandFailed(argv, new Result(-1, "", String.valueOf(e.getMessage())));
    }
  }

  /** As {@link #startDetached}, but its standard output is for the caller to read. */
  public static Process startFollowed(Path log, List<String> argv) throws IOException {
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(argv);
    return new ProcessBuilder(command)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        READERS);
  }
}
