package io.seine.agent.netlink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;

/** A network namespace of a test's own, with a name no other test run has. */
public final class TestNamespace implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;

  private TestNamespace(String name) {
    this.name = name;
  }

  /** Makes a namespace with its loopback up. */
  public static TestNamespace create(String prefix) throws IOException, InterruptedException {
    String name =
        "seine-" + prefix + "-" + Integer.toHexString(ThreadLocalRandom.current().nextInt());
    execute(List.of("ip", "netns", "add", name));
    TestNamespace namespace = new TestNamespace(name);
    namespace.run("ip", "link", "set", "lo", "up");
    return namespace;
  }

  public String name() {
    return name;
  }

  public Path path() {
    return Path.of("/run/netns", name);
  }

  /** The command's output; it must end with 0. */
  public String run(String... command) throws IOException, InterruptedException {
    return execute(within(command));
  }

  /** The command, to be run inside the namespace. */
  public List<String> within(String... command) {
    List<String> all = new ArrayList<>(List.of("nsenter", "--net=" + path()));
    all.addAll(List.of(command));
    return all;
  }

  /** Runs something on a thread that is inside the namespace; sockets it opens stay there. */
  public <T> T inside(Callable<T> work) throws Exception {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    String what = "enter " + path();
    Thread visitor =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                int fd = Libc.open(path().toString(), Rtnl.O_RDONLY_CLOEXEC, what);
                try {
                  Libc.setns(fd, Rtnl.CLONE_NEWNET, what);
                } finally {
                  Libc.close(fd, what);
                }
                outcome.complete(work.call());
              } catch (Throwable e) {
                outcome.completeExceptionally(e);
              }
            });
    visitor.join();
    try {
      return outcome.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  /** {@code ip -j} with the arguments. */
  public JsonNode ip(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "-j"));
    command.addAll(List.of(arguments));
    return JSON.readTree(run(command.toArray(String[]::new)));
  }

  private static String execute(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  @Override
  public void close() throws IOException {
    try {
      execute(List.of("ip", "netns", "delete", name));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while deleting " + name, e);
    }
  }
}
