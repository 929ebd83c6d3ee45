package io.seine.openflow.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A private Open vSwitch: its own ovsdb-server and ovs-vswitchd in a temporary directory, with
 * bridges on the userspace datapath. Needs root. It shares nothing with the machine's own Open
 * vSwitch, and several may run at once.
 *
 * <p>{@link #close} ends both daemons and removes the directory; a hook does so too when the JVM
 * ends without it. Used from one thread.
 */
public final class OvsInstance implements AutoCloseable {
  private static final int LOG_TAIL_LINES = 40;

  private final OvsRelease release;
  private final Path dir;
  private final Optional<String> netns;
  private final List<String> vswitchdOptions;
  private final Thread hook = new Thread(this::shutDown, "ovs-instance-cleanup");
  private final List<String> bridges = new ArrayList<>();
  private @Nullable Process ovsdbServer;
  private @Nullable Process vswitchd;

  private OvsInstance(
      OvsRelease release, Path dir, Optional<String> netns, List<String> vswitchdOptions) {
    this.release = release;
    this.dir = dir;
    this.netns = netns;
    this.vswitchdOptions = vswitchdOptions;
  }

  /**
   * Starts both daemons, ovs-vswitchd in a new network namespace without a name: two that share a
   * namespace would fight over the tap device {@code ovs-netdev} and over those of their bridges.
   */
  public static OvsInstance start() {
    return start(OvsRelease.INSTALLED);
  }

  /** The same, of this release. */
  public static OvsInstance start(OvsRelease release) {
    return start(release, Optional.empty(), List.of());
  }

  /** Starts both daemons in the network namespace {@code name} of {@code ip netns}. */
  public static OvsInstance startIn(String name) {
    return start(OvsRelease.INSTALLED, Optional.of(name), List.of());
  }

  /** As {@link #start}, with a switch whose time can be made to {@link #pass}. */
  public static OvsInstance startWithTime() {
    return start(OvsRelease.INSTALLED, Optional.empty(), List.of("--enable-dummy"));
  }

  private static OvsInstance start(
      OvsRelease release, Optional<String> netns, List<String> vswitchdOptions) {
    Path dir;
    try {
      dir = Files.createTempDirectory(Path.of("/tmp"), "seine-ovs-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    OvsInstance ovs = new OvsInstance(release, dir, netns, vswitchdOptions);
    Runtime.getRuntime().addShutdownHook(ovs.hook);
    try {
      ovs.run(
          release.program("ovsdb-tool"),
          "create",
          dir.resolve("conf.db").toString(),
          release.schema().toString());
      ovs.startOvsdbServer();
      ovs.vsctl("--no-wait", "init");
      ovs.startVswitchd();
      return ovs;
    } catch (RuntimeException e) {
      ovs.printLogs();
      ovs.close();
      throw e;
    }
  }

  /** The directory of sockets, database and logs (OVS_RUNDIR). */
  public Path dir() {
    return dir;
  }

  /** The socket of ovsdb-server. */
  public Path dbSocket() {
    return dir.resolve("db.sock");
  }

  /** The OpenFlow management socket of a bridge. */
  public Path mgmt(String bridge) {
    return dir.resolve(bridge + ".mgmt");
  }

  /**
   * Adds a bridge on the userspace datapath that speaks OpenFlow 1.5 and forwards nothing by
   * itself, and waits for its socket.
   */
  public void addBridge(String name) {
    vsctl(
        "add-br",
        name,
        "--",
        "set",
        "bridge",
        name,
        "datapath_type=netdev",
        "protocols=OpenFlow15",
        "fail_mode=secure");
    bridges.add(name);
    await("the socket of bridge " + name, () -> Files.exists(mgmt(name)));
  }

  /** The network namespace of ovs-vswitchd, where the devices of its ports are. */
  public Path namespace() {
    return Path.of("/proc", Long.toString(Objects.requireNonNull(vswitchd).pid()), "ns/net");
  }

  /** Runs a command in the network namespace of ovs-vswitchd; returns what it printed. */
  public String inNamespace(String... command) {
    return run(concat(List.of("nsenter", "--net=" + namespace(), "--"), command));
  }

  /** Runs {@code ovs-vsctl}; returns what it printed. */
  public String vsctl(String... args) {
    return run(
        concat(List.of(release.program("ovs-vsctl"), "-t", "30", "--db=unix:" + dbSocket()), args));
  }

  /** Runs {@code ovs-ofctl -O OpenFlow15}; returns what it printed. */
  public String ofctl(String... args) {
    return run(concat(List.of(release.program("ovs-ofctl"), "-t", "60", "-O", "OpenFlow15"), args));
  }

  /** Runs {@code ovs-appctl} against ovs-vswitchd; returns what it printed. */
  public String appctl(String... args) {
    return run(
        concat(
            List.of(
                release.program("ovs-appctl"),
                "-T",
                "30",
                "-t",
                dir.resolve("vswitchd.ctl").toString()),
            args));
  }

  /** Puts the clock of ovs-vswitchd forward; only after {@link #startWithTime}. */
  public void pass(Duration time) {
    appctl("time/warp", Long.toString(time.toMillis()));
  }

  /** Kills ovs-vswitchd with signal 9. Its flows are gone, its database rows stay. */
  public void killVswitchd() {
    kill(
        vswitchd,
        Stream.concat(Stream.of(dir.resolve("vswitchd.ctl")), bridges.stream().map(this::mgmt)));
  }

  /** Stops ovs-vswitchd with SIGSTOP: its sockets stay open, and nothing answers. */
  public void pauseVswitchd() {
    signalVswitchd("-STOP");
  }

  /** Lets ovs-vswitchd go on after {@link #pauseVswitchd}. */
  public void resumeVswitchd() {
    signalVswitchd("-CONT");
  }

  private void signalVswitchd(String signal) {
    if (vswitchd != null) {
      run("kill", signal, Long.toString(vswitchd.pid()));
    }
  }

  /** Starts ovs-vswitchd after {@link #killVswitchd}, and waits for its bridges. */
  public void startVswitchd() {
    vswitchd =
        daemon(
            "ovs-vswitchd",
            concat(
                    vswitchdOptions,
                    "--disable-system",
                    "--unixctl=" + dir.resolve("vswitchd.ctl"),
                    "--pidfile=" + dir.resolve("ovs-vswitchd.pid"),
                    "unix:" + dbSocket())
                .toArray(String[]::new));
    await("ovs-vswitchd", () -> accepts(dir.resolve("vswitchd.ctl")));
    for (String bridge : bridges) {
      await("the socket of bridge " + bridge, () -> Files.exists(mgmt(bridge)));
    }
  }

  /** Kills ovsdb-server with signal 9. Its database file stays. */
  public void killOvsdbServer() {
    kill(ovsdbServer, Stream.of(dbSocket()));
  }

  /** Starts ovsdb-server after {@link #killOvsdbServer}. */
  public void startOvsdbServer() {
    ovsdbServer =
        daemon(
            "ovsdb-server",
            "--remote=punix:" + dbSocket(),
            "--unixctl=" + dir.resolve("ovsdb.ctl"),
            "--pidfile=" + dir.resolve("ovsdb-server.pid"),
            dir.resolve("conf.db").toString());
    await("ovsdb-server", () -> accepts(dbSocket()));
  }

  /** Ends the daemons, removes the directory. May be called again. */
  @Override
  public void close() {
    shutDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending already, and the hook does this.
    }
  }

  private void shutDown() {
    killVswitchd();
    killOvsdbServer();
    if (Files.exists(dir)) {
      try (Stream<Path> files = Files.walk(dir)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  // A socket file left by a killed process would make await() return too early. The taps of the
  // userspace datapath go with the process; its sockets do not.
  private void kill(@Nullable Process process, Stream<Path> sockets) {
    if (process == null || !process.isAlive()) {
      return;
    }
    process.destroyForcibly();
    try {
      if (!process.waitFor(20, SECONDS)) {
        throw new IllegalStateException("process " + process.pid() + " survives signal 9");
      }
      for (Path socket : sockets.toList()) {
        Files.deleteIfExists(socket);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process daemon(String program, String... args) {
    List<String> command = new ArrayList<>();
    // Both become the daemon itself, so its process id is the one that is started here.
    if (netns.isPresent()) {
      command.addAll(List.of("nsenter", "--net=/var/run/netns/" + netns.get(), "--"));
    } else {
      command.addAll(List.of("unshare", "--net", "--"));
    }
    command.add(release.program(program));
    command.addAll(List.of("-vconsole:off", "--log-file=" + dir.resolve(program + ".log")));
    command.addAll(Arrays.asList(args));
    try {
      return builder(command).redirectErrorStream(true).redirectOutput(errors(program)).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ProcessBuilder.Redirect errors(String program) {
    return ProcessBuilder.Redirect.appendTo(dir.resolve(program + ".err").toFile());
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OVS_RUNDIR", dir.toString());
    builder.environment().put("OVS_LOGDIR", dir.toString());
    builder.environment().put("OVS_DBDIR", dir.toString());
    return builder;
  }

  private String run(String... command) {
    return run(List.of(command));
  }

  private String run(List<String> command) {
    try {
      Process process = builder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        printLogs();
        throw new IllegalStateException(
            String.join(" ", command) + " exited with " + code + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + command, e);
    }
  }

  /** Whether a daemon listens: its socket's file is there a moment before. */
  private static boolean accepts(Path socket) {
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void await(String what, Callable<Boolean> condition) {
    try {
      Awaitility.await(what)
          .atMost(30, SECONDS)
          .pollInterval(Duration.ofMillis(10))
          .until(condition);
    } catch (RuntimeException e) {
      printLogs();
      throw e;
    }
  }

  /** Prints the last lines of both logs to the test's standard error. */
  public void printLogs() {
    for (String file :
        List.of("ovsdb-server.log", "ovsdb-server.err", "ovs-vswitchd.log", "ovs-vswitchd.err")) {
      Path log = dir.resolve(file);
      if (!Files.exists(log)) {
        continue;
      }
      try {
        List<String> lines = Files.readAllLines(log);
        System.err.println("--- " + log);
        lines
            .subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size())
            .forEach(System.err::println);
      } catch (IOException e) {
        System.err.println("--- " + log + " cannot be read: " + e);
      }
    }
  }

  private static List<String> concat(List<String> head, String... tail) {
    List<String> all = new ArrayList<>(head);
    all.addAll(Arrays.asList(tail));
    return all;
  }
}
