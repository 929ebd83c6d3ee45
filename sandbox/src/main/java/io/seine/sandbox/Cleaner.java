package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Layout;
import io.seine.sandbox.process.Pids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Removes all that carries a sandbox's name: its daemon, every process in its namespaces, the
 * namespaces with their links, and its directory. It needs no state, so it works after any crash.
 */
final class Cleaner {
  private static final String DAEMON = SandboxDaemon.class.getName();

  private static final Duration DAEMON_END = Duration.ofSeconds(20);

  private Cleaner() {}

  static OptionalLong daemon(Layout layout) {
    return Pids.running(layout.daemonPid(), DAEMON);
  }

  /** Whether there is anything of that name. */
  static boolean hasRemains(Layout layout) {
    return Files.exists(layout.directory())
        || !Namespace.startingWith(layout.namespacePrefix()).isEmpty();
  }

  static void clean(Layout layout) {
    OptionalLong daemon = daemon(layout);
    if (daemon.isPresent() && daemon.getAsLong() != ProcessHandle.current().pid()) {
      Pids.end(List.of(daemon.getAsLong()), DAEMON_END);
    }
    List<Namespace> namespaces = Namespace.startingWith(layout.namespacePrefix());
    List<Long> processes = new ArrayList<>();
    namespaces.forEach(namespace -> processes.addAll(namespace.processes()));
    processes.remove(ProcessHandle.current().pid());
    Pids.end(processes);
    namespaces.forEach(Namespace::delete);
    delete(layout.directory());
    delete(layout.daemonPid());
    delete(layout.daemonLog());
    deleteIfEmpty(Layout.root());
    deleteIfEmpty(Layout.root().resolve("..").normalize());
  }

  private static void delete(Path file) {
    if (!Files.exists(file)) {
      return;
    }
    try (Stream<Path> files = Files.walk(file)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        var _ = Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void deleteIfEmpty(Path directory) {
    try {
      var _ = Files.deleteIfExists(directory);
    } catch (IOException e) {
      // Another sandbox, or an agent of the machine's own, keeps something there.
    }
  }
}
