package io.seine.agent.cni;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Deadline;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the DELs that came while the agent was down. The plugin answers them with success and
 * leaves the request in a file; here each is done when the agent starts, or as soon as the file
 * appears, and the file is removed then. A DEL that fails keeps its file and is tried again.
 *
 * <p>A file is named {@code *.pb} and holds a serialized {@link InvokeRequest}; names that begin
 * with a dot are still being written. One thread does the work.
 */
public final class DeferredDeletes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DeferredDeletes.class);

  private final Path directory;
  private final CniHandler handler;
  private final Duration timeout;
  private final Duration period;
  private final WatchService watch;
  private final Thread owner;

  /**
   * Starts; {@link CniHandler#adopt} has been called.
   *
   * @param directory made if it is not there, for its owner only
   * @param timeout of one DEL
   * @param period between two looks when no file appears
   */
  public static DeferredDeletes start(
      Path directory, CniHandler handler, Duration timeout, Duration period) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    WatchService watch = directory.getFileSystem().newWatchService();
    directory.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    return new DeferredDeletes(directory, handler, timeout, period, watch);
  }

  private DeferredDeletes(
      Path directory, CniHandler handler, Duration timeout, Duration period, WatchService watch) {
    this.directory = directory;
    this.handler = handler;
    this.timeout = timeout;
    this.period = period;
    this.watch = watch;
    this.owner = Thread.ofPlatform().daemon().name("deferred-del").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        replayAll();
        WatchKey key = watch.poll(period.toNanos(), TimeUnit.NANOSECONDS);
        if (key != null) {
          key.pollEvents();
          key.reset();
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("no more deferred DELs are looked for");
    }
  }

  private void replayAll() {
    for (Path file : files()) {
      try {
        replay(file);
      } catch (NoSuchFileException e) {
        LOG.debug("{} was taken away meanwhile", file);
      } catch (IOException e) {
        LOG.warn("the deferred DEL in {} is not done: {}", file, e.toString());
      }
    }
  }

  private void replay(Path file) throws IOException {
    InvokeRequest request;
    try {
      request = InvokeRequest.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("{} holds no CNI request and is removed: {}", file, e.getMessage());
      Files.delete(file);
      return;
    }
    if (!request.getCommand().equals("DEL")) {
      LOG.warn("{} holds a {} and is removed: only DEL can wait", file, request.getCommand());
      Files.delete(file);
      return;
    }
    InvokeReply reply =
        handler.invoke(request, Deadline.after(timeout.toNanos(), TimeUnit.NANOSECONDS));
    if (reply.getExitCode() == 0) {
      Files.delete(file);
      LOG.info(
          "did the DEL of {}/{} that came while the agent was down",
          request.getContainerId(),
          request.getIfname());
    }
  }

  private List<Path> files() {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.filter(DeferredDeletes::isComplete).sorted().toList();
    } catch (IOException e) {
      LOG.warn("cannot look for deferred DELs in {}: {}", directory, e.toString());
      return List.of();
    }
  }

  private static boolean isComplete(Path file) {
    String name = String.valueOf(file.getFileName());
    return !name.startsWith(".") && name.endsWith(".pb");
  }

  /** Ends the thread, after the DEL at work. */
  @Override
  public void close() throws IOException {
    watch.close();
    owner.interrupt();
    try {
      owner.join(timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
