package io.seine.cni.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs the native executable as a container runtime does, and holds it to ending by itself. */
final class Executable {
  private static final int HANG_SECONDS = 30;
  private static final Path FILE =
      Path.of(System.getProperty("basedir", ""))
          .resolve(System.getProperty("seine.cni.executable", "target/seine-cni"));

  private static final Set<String> ERROR_KEYS = Set.of("cniVersion", "code", "msg", "details");

  private Executable() {}

  /** How a run ended; an exit code above 128 may be a signal's. */
  record Result(int exitCode, String stdout, String stderr, long millis) {
    /**
     * The error object printed, checked to be one: valid JSON with the members that the
     * specification demands.
     */
    Map<String, JsonScan.Scalar> error() {
      assertThat(exitCode).as("exit code, with output %s %s", stdout, stderr).isEqualTo(1);
      try {
        Map<String, JsonScan.Scalar> error = JsonScan.topLevel(stdout, ERROR_KEYS);
        assertThat(error).containsKeys("cniVersion", "code", "msg");
        return error;
      } catch (CniException e) {
        throw new AssertionError("not a CNI error: " + stdout, e);
      }
    }

    int code() {
      return Integer.parseInt(text("code"));
    }

    String text(String key) {
      JsonScan.Scalar value = error().get(key);
      return value == null ? "" : value.text();
    }
  }

  static Path file() {
    assertThat(FILE)
        .as(
            "the CNI executable; build it with: mvn -pl cni-plugin -am process-classes (needs musl-gcc or gcc)")
        .isExecutable();
    return FILE;
  }

  static Map<String, String> environment(String command) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("CNI_COMMAND", command);
    environment.put("CNI_CONTAINERID", "c1");
    environment.put("CNI_NETNS", "/run/netns/x");
    environment.put("CNI_IFNAME", "eth0");
    environment.put("CNI_PATH", "/opt/cni/bin");
    return environment;
  }

  static Result run(String command, String stdin) throws IOException, InterruptedException {
    return run(environment(command), stdin.getBytes(StandardCharsets.UTF_8), true);
  }

  /**
   * Runs it to its end.
   *
   * @param closeInput false to leave standard input open, as a runtime must not
   */
  static Result run(Map<String, String> environment, byte[] stdin, boolean closeInput)
      throws IOException, InterruptedException {
    Path stderr = Files.createTempFile("seine-cni", ".err");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      ProcessBuilder builder = new ProcessBuilder(file().toString()).redirectError(stderr.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      long start = System.nanoTime();
      Process process = builder.start();
      Future<byte[]> stdout = threads.submit(() -> process.getInputStream().readAllBytes());
      Future<Boolean> input = threads.submit(feed(process, stdin, closeInput));
      boolean ended = process.waitFor(HANG_SECONDS, TimeUnit.SECONDS);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      if (!ended) {
        process.destroyForcibly();
      }
      assertThat(ended).as("it ends within %d s", HANG_SECONDS).isTrue();
      String text = new String(stdout.get(), StandardCharsets.UTF_8);
      input.get();
      process.getOutputStream().close();
      return new Result(process.exitValue(), text, Files.readString(stderr), millis);
    } catch (ExecutionException e) {
      throw new UncheckedIOException(new IOException(e));
    } finally {
      Files.delete(stderr);
    }
  }

  private static Callable<Boolean> feed(Process process, byte[] stdin, boolean close) {
    return () -> {
      OutputStream out = process.getOutputStream();
      try {
        out.write(stdin);
        out.flush();
        if (close) {
          out.close();
        }
        return true;
      } catch (IOException _) {
        return false; // it ended without reading all, as it may
      }
    };
  }
}
