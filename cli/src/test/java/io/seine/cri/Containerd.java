package io.seine.cri;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's containerd with runc, running in a network namespace of ours as the runtime of that
 * node, with everything it keeps in one short-lived directory. The directories that it insists on
 * elsewhere are removed when they were not there before.
 *
 * <p>It is entered with {@code nsenter}, not with {@code ip netns exec}, which would take its
 * cgroups away by mounting another /sys.
 */
final class Containerd implements AutoCloseable {

  /**
   * The one image there is: {@code /pause}, which the runtime keeps in each sandbox, and busybox.
   */
  static final String IMAGE = "seine.test/pause:1";

  private static final List<Path> SHARED =
      List.of(
          Path.of("/run/containerd"),
          Path.of("/var/lib/cni"),
          Path.of("/opt/containerd"),
          Path.of("/var/lib/containerd"));

  private final Path directory;
  private final String cgroupParent;
  private final List<Path> toRemove;
  private final Process process;
  private final CriClient client;

  private Containerd(Path directory, String cgroupParent, List<Path> toRemove, Process process) {
    this.directory = directory;
    this.cgroupParent = cgroupParent;
    this.toRemove = toRemove;
    this.process = process;
    this.client = new CriClient(directory.resolve("containerd.sock"), cgroupParent);
  }

  /**
   * Starts a runtime in the network namespace at {@code netns}, with no CNI configuration yet and
   * no plugin but Debian's.
   */
  static Containerd start(Release release, Path netns) throws IOException {
    List<Path> toRemove = SHARED.stream().filter(path -> !Files.exists(path)).toList();
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "seine-cri-");
    Files.createDirectories(directory.resolve("net.d"));
    Files.createDirectories(directory.resolve("bin"));
    try (Stream<Path> plugins = Files.list(release.plugins())) {
      for (Path plugin : plugins.toList()) {
        Files.createSymbolicLink(directory.resolve("bin").resolve(plugin.getFileName()), plugin);
      }
    }
    Path config = Files.writeString(directory.resolve("config.toml"), release.config(directory));
    ProcessBuilder builder =
        new ProcessBuilder(
                "nsenter",
                "--net=" + netns,
                release.directory().resolve("containerd").toString(),
                "--config",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("containerd.log").toFile());
    builder
        .environment()
        .merge("PATH", release.directory().toString(), (path, first) -> first + ":" + path);
    String cgroupParent = "/" + directory.getFileName();
    Containerd containerd = new Containerd(directory, cgroupParent, toRemove, builder.start());
    try {
      containerd.prepare();
    } catch (IOException | RuntimeException | Error e) {
      containerd.close();
      throw e;
    }
    return containerd;
  }

  /** The kubelet's side. */
  CriClient client() {
    return client;
  }

  /** Where the runtime looks for CNI configurations; it notices what comes and goes. */
  Path cniConfigDirectory() {
    return directory.resolve("net.d");
  }

  /** Where the runtime looks for CNI executables. */
  Path cniBinDirectory() {
    return directory.resolve("bin");
  }

  /** What the runtime has logged. */
  String log() throws IOException {
    return Files.readString(directory.resolve("containerd.log"));
  }

  @Override
  public void close() {
    try {
      if (process.isAlive() && Files.exists(directory.resolve("containerd.sock"))) {
        client.podSandboxes().forEach(client::removePodSandbox);
      }
    } catch (RuntimeException e) {
      System.err.println(
          "removing the pods through the runtime failed, their processes are killed instead: " + e);
    } finally {
      client.close();
      stop();
    }
  }

  private void prepare() throws IOException {
    await()
        .atMost(Duration.ofSeconds(20))
        .failFast("containerd ended early; its log is in " + directory, () -> !process.isAlive())
        .until(() -> Files.exists(directory.resolve("containerd.sock")));
    Path source =
        Files.writeString(
            directory.resolve("pause.c"),
            "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n");
    Path pause = directory.resolve("pause");
    run("gcc", "-O1", "-static", "-o", pause.toString(), source.toString());
    Path archive = directory.resolve("image.tar");
    Map<String, byte[]> files =
        Map.of(
            "pause",
            Files.readAllBytes(pause),
            "bin/busybox",
            Files.readAllBytes(Path.of("/bin/busybox")));
    OciImage.write(archive, IMAGE, files, "/pause");
    run(
        "ctr",
        "--address",
        directory.resolve("containerd.sock").toString(),
        "--namespace",
        "k8s.io",
        "images",
        "import",
        archive.toString());
  }

  /**
   * Ends every process, mount, cgroup and directory of this runtime; goes on past what fails, and
   * then says so.
   */
  private void stop() {
    List<Throwable> failures = new ArrayList<>();
    attempt(failures, this::killProcesses);
    attempt(failures, this::unmountAll);
    attempt(failures, this::removeCgroups);
    for (Path path : Stream.concat(Stream.of(directory), toRemove.stream()).toList()) {
      attempt(failures, () -> run("rm", "-rf", "--one-file-system", path.toString()));
    }
    if (!failures.isEmpty()) {
      AssertionError error =
          new AssertionError("containerd in " + directory + " was not cleaned up wholly");
      failures.forEach(error::addSuppressed);
      throw error;
    }
  }

  private void killProcesses() throws IOException {
    String socket = directory.resolve("containerd.sock").toString();
    List<ProcessHandle> own = new ArrayList<>(List.of(process.toHandle()));
    ProcessHandle.allProcesses()
        .filter(handle -> arguments(handle).contains(socket))
        .forEach(own::add);
    for (Path cgroup : cgroups()) {
      Path members = cgroup.resolve("cgroup.procs");
      if (Files.exists(members)) {
        Files.readAllLines(members).stream()
            .map(Long::valueOf)
            .flatMap(pid -> ProcessHandle.of(pid).stream())
            .forEach(own::add);
      }
    }
    own.forEach(ProcessHandle::destroyForcibly);
    await().atMost(Duration.ofSeconds(10)).until(() -> own.stream().noneMatch(Containerd::runs));
  }

  private static boolean runs(ProcessHandle handle) {
    try {
      return handle.isAlive()
          && !Files.readString(Path.of("/proc/" + handle.pid() + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }

  private static String arguments(ProcessHandle handle) {
    try {
      return Files.readString(Path.of("/proc/" + handle.pid() + "/cmdline")).replace('\0', ' ');
    } catch (IOException e) {
      return "";
    }
  }

  private void unmountAll() throws IOException {
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
            .map(line -> line.split(" ", -1)[4])
            .filter(target -> target.startsWith(directory + "/"))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String mount : mounts) {
      run("umount", "--lazy", mount);
    }
  }

  private void removeCgroups() throws IOException {
    for (Path cgroup : cgroups()) {
      Files.deleteIfExists(cgroup);
    }
  }

  /** The cgroup directories of the pods, in every hierarchy, the deepest first. */
  private List<Path> cgroups() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
      for (Path parent :
          Stream.concat(Stream.of(Path.of("/sys/fs/cgroup")), hierarchies).toList()) {
        Path top = parent.resolve(cgroupParent.substring(1));
        if (Files.isDirectory(top)) {
          try (Stream<Path> tree = Files.walk(top)) {
            tree.filter(Files::isDirectory).forEach(found::add);
          }
        }
      }
    }
    return found.stream().sorted(Comparator.comparingInt(Path::getNameCount).reversed()).toList();
  }

  private static void attempt(List<Throwable> failures, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException | Error e) {
      failures.add(e);
    }
  }

  /** One step of cleaning up. */
  private interface Step {
    void run() throws IOException;
  }

  private static void run(String... command) throws IOException {
    Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output =
          new String(
              started.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (!started.waitFor(60, TimeUnit.SECONDS) || started.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(
          new IOException("interrupted: " + String.join(" ", command), e));
    }
  }
}
