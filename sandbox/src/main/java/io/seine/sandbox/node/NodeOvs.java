package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.process.CommandFailed;
import io.seine.sandbox.process.Commands;
import io.seine.sandbox.process.Pids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A node's own Open vSwitch: one ovsdb-server and one ovs-vswitchd in the node's namespace, with
 * their files in a directory that only root can open.
 */
public final class NodeOvs {
  /** The two daemons. */
  public enum Daemon {
    OVSDB_SERVER("ovsdb-server"),
    OVS_VSWITCHD("ovs-vswitchd");

    private final String program;

    Daemon(String program) {
      this.program = program;
    }

    public String program() {
      return program;
    }
  }

  private static final Path SCHEMA = Path.of("/usr/share/openvswitch/vswitch.ovsschema");
  private static final Duration END = Duration.ofSeconds(5);
  private final Namespace namespace;
  private final Path directory;

  public NodeOvs(Namespace namespace, Path directory) {
    this.namespace = namespace;
    this.directory = directory;
  }

  /** The run directory: db.sock, the bridges' mgmt sockets, pid files and logs. */
  public Path directory() {
    return directory;
  }

  public Path database() {
    return directory.resolve("db.sock");
  }

  /** What makes ovs-vsctl, ovs-ofctl and ovs-appctl find this instance by themselves. */
  public Map<String, String> environment() {
    String dir = directory.toString();
    return Map.of("OVS_RUNDIR", dir, "OVS_LOGDIR", dir, "OVS_DBDIR", dir, "OVS_SYSCONFDIR", dir);
  }

  /** Makes the database and starts both daemons. */
  public void create() {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Commands.check("ovsdb-tool", "create", directory.resolve("conf.db").toString(), SCHEMA + "");
    start(Daemon.OVSDB_SERVER);
    vsctl("--no-wait", "init");
    start(Daemon.OVS_VSWITCHD);
  }

  /**
   * Starts one daemon and returns when it serves. Before ovs-vswitchd starts, it is told to let no
   * traffic through until the agent says that its flows are back.
   */
  public void start(Daemon daemon) {
    if (daemon == Daemon.OVS_VSWITCHD) {
      vsctl("--no-wait", "set", "Open_vSwitch", ".", "other_config:flow-restore-wait=true");
    }
    List<String> argv = new ArrayList<>(List.of(daemon.program()));
    switch (daemon) {
      case OVSDB_SERVER -> {
        argv.add(directory.resolve("conf.db").toString());
        argv.add("--remote=punix:" + database());
        argv.add("--remote=db:Open_vSwitch,Open_vSwitch,manager_options");
      }
      case OVS_VSWITCHD -> {
        argv.add("unix:" + database());
        argv.add("--disable-system");
      }
    }
    argv.addAll(
        List.of(
            "--detach",
            "--no-chdir",
            "--pidfile=" + pidFile(daemon),
            "--log-file=" + directory.resolve(daemon.program() + ".log"),
            "-vconsole:off"));
    Commands.checkWith(environment(), "", namespace.entering(argv));
  }

  /** Ends one daemon by a signal and waits until it is gone. */
  public void stop(Daemon daemon, String signal) {
    OptionalLong pid = pid(daemon);
    if (pid.isPresent()) {
      Pids.signal(pid.getAsLong(), signal);
      if (!Pids.awaitEnd(List.of(pid.getAsLong()), END)) {
        throw new IllegalStateException(
            daemon.program() + " (" + pid.getAsLong() + ") did not end on SIG" + signal);
      }
    }
  }

  public OptionalLong pid(Daemon daemon) {
    return Pids.running(pidFile(daemon), directory.toString());
  }

  public String vsctl(String... arguments) {
    return tool("ovs-vsctl", "--timeout=10", arguments);
  }

  public String appctl(String... arguments) {
    return tool("ovs-appctl", "--timeout=10", arguments);
  }

  public String ofctl(String... arguments) {
    return tool("ovs-ofctl", "--timeout=10", arguments);
  }

  /** The version of Open vSwitch on this machine, or an explanation of its absence. */
  public static String version() {
    try {
      return Commands.check("ovs-vswitchd", "--version").lines().findFirst().orElse("");
    } catch (CommandFailed e) {
      throw new IllegalStateException(
          "Open vSwitch is not installed; on Debian: apt-get install openvswitch-switch", e);
    }
  }

  private String tool(String program, String option, String... arguments) {
    List<String> argv = new ArrayList<>(List.of(program, option));
    argv.addAll(List.of(arguments));
    return Commands.checkWith(environment(), "", argv);
  }

  private Path pidFile(Daemon daemon) {
    return directory.resolve(daemon.program() + ".pid");
  }
}
