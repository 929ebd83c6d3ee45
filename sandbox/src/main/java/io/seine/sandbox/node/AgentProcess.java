package io.seine.sandbox.node;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Pids;
import io.seine.sandbox.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A node's agent: a JVM of its own in the node's namespace, started with a generated configuration.
 * It is never restarted by itself, so that a test sees it die.
 */
public final class AgentProcess {
  /** Where the agent serves HTTP, on the node's loopback address. */
  public static final int HTTP_PORT = 9400;

  private static final String MAIN = "io.seine.agent.Main";
  private static final Duration START = Duration.ofSeconds(5);
  private static final Duration END = Duration.ofSeconds(15);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** With what a JVM ends the list of its threads. */
  private static final String LAST_OF_THREADS = "JNI global refs";

  private static final ObjectMapper JSON = new ObjectMapper();
  private final Namespace namespace;
  private final Path directory;

  public AgentProcess(Namespace namespace, Path directory) {
    this.namespace = namespace;
    this.directory = directory;
  }

  public Path configFile() {
    return directory.resolve("agent.yaml");
  }

  public Path log() {
    return directory.resolve("agent.log");
  }

  /** The Unix socket where the CNI plugin finds the agent. */
  public Path cniSocket() {
    return directory.resolve("cni.sock");
  }

  /** Writes the configuration file: one option a line, each value as JSON, which is YAML too. */
  public void configure(Map<String, Object> options) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(options)
        .forEach((key, value) -> text.append(key).append(": ").append(json(value)).append('\n'));
    write(configFile(), text.toString());
  }

  /** Starts the agent and returns at once; {@link #isReady} tells when it has converged. */
  public void start(JavaCommand java) {
    if (pid().isPresent()) {
      throw new IllegalStateException("the agent of " + namespace.name() + " runs already");
    }
    List<String> argv =
        namespace.entering(java.runningAgent(MAIN, List.of("--config", configFile().toString())));
    long pid = Commands.startDetached(Map.of(), log(), argv);
    write(pidFile(), Long.toString(pid));
    // Until the new process has become the JVM, its command line is not yet the agent's.
    var _ = Waiting.until(START, () -> pid().isPresent() || !Pids.isAlive(pid));
  }

  /** Ends the agent by a signal, named without SIG, and waits until it is gone. */
  public void stop(String signal) {
    OptionalLong pid = pid();
    if (pid.isPresent()) {
      Pids.signal(pid.getAsLong(), signal);
      if (!Pids.awaitEnd(List.of(pid.getAsLong()), END)) {
        throw new IllegalStateException(
            "the agent of " + namespace.name() + " did not end on SIG" + signal);
      }
    }
  }

  public OptionalLong pid() {
    return Pids.running(pidFile(), configFile().toString());
  }

  /**
   * Whether the process that was started last is gone. Unlike {@link #pid} this does not look at
   * the command line, which changes while the process becomes the agent.
   */
  public boolean hasEnded() {
    return !Pids.isAlive(pidFile());
  }

  /** Whether the agent says that all it knows of is in the switch. */
  public boolean isReady() {
    return missing().isEmpty();
  }

  /** What the agent says is missing for it to be ready, or why it says nothing. */
  public Optional<String> missing() {
    try {
      HttpReply reply = get("/readyz");
      return reply.status() == 200 ? Optional.empty() : Optional.of(reply.body().strip());
    } catch (UncheckedIOException e) {
      return Optional.of("it does not answer: " + e.getMessage());
    }
  }

  /**
   * What the agent's threads are doing, which it writes to its log as well; empty if it is gone.
   */
  public String threads() {
    OptionalLong pid = pid();
    if (pid.isEmpty()) {
      return "";
    }
    int before = read(log()).length();
    Pids.signal(pid.getAsLong(), "QUIT");
    var _ = Waiting.until(ANSWER, () -> read(log()).indexOf(LAST_OF_THREADS, before) >= 0);
    return read(log()).substring(before);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the agent has heard from the switch of every peer through its tunnel. */
  public boolean hearsEveryPeer() {
    try {
      return JSON.readTree(get("/status").body()).at("/objects/silentTunnels").isEmpty();
    } catch (UncheckedIOException | JsonProcessingException e) {
      return false;
    }
  }

  /** Asks the agent's HTTP endpoint; an agent that is down is an {@link UncheckedIOException}. */
  public HttpReply get(String path) {
    try (SocketChannel channel = namespace.socket()) {
      return HttpReply.get(
          channel,
          new InetSocketAddress(InetAddress.getLoopbackAddress(), HTTP_PORT),
          path,
          ANSWER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path pidFile() {
    return directory.resolve("agent.pid");
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
