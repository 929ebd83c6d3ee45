package io.seine.cni.plugin;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An operating system in memory: an environment, standard input, at most one listener, files. */
final class FakeOs implements Os {
  /** A value that begins so is one octet a char, so that it can be no UTF-8. */
  static final String RAW = "raw:";

  private final Map<String, String> environment;
  private final Map<String, byte[]> files = new HashMap<>();
  private final List<String> directories = new ArrayList<>();
  private byte[] stdin = new byte[0];
  private @Nullable Supplier<Transport> listener;
  private @Nullable String connectedTo;
  private boolean readOnly;

  FakeOs(Map<String, String> environment) {
    this.environment = environment;
  }

  FakeOs stdin(String text) {
    stdin = text.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  FakeOs agent(byte[] reply) {
    listener = () -> new ScriptedTransport(reply, 1000);
    return this;
  }

  FakeOs readOnly() {
    readOnly = true;
    return this;
  }

  Map<String, byte[]> files() {
    return files;
  }

  List<String> directories() {
    return directories;
  }

  @Nullable String connectedTo() {
    return connectedTo;
  }

  @Override
  public byte @Nullable [] environment(String name) {
    String value = environment.get(name);
    return value == null
        ? null
        : value.getBytes(
            value.startsWith(RAW) ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
  }

  @Override
  public long nanoTime() {
    return 0;
  }

  @Override
  public byte[] readInput(int limit, Deadline deadline) {
    return stdin.length <= limit ? stdin : Arrays.copyOf(stdin, limit + 1);
  }

  @Override
  public Transport connect(String path, Deadline deadline) throws OsException {
    connectedTo = path;
    Supplier<Transport> present = listener;
    if (present == null) {
      throw OsException.failed("connecting to " + path, "No such file or directory");
    }
    return present.get();
  }

  @Override
  public void makeDirectory(String path) {
    directories.add(path);
  }

  @Override
  public void replaceFile(String directory, String name, byte[] content) throws OsException {
    if (readOnly) {
      throw OsException.failed("creating " + directory + "/" + name, "Read-only file system");
    }
    files.put(directory + "/" + name, content);
  }

  @Override
  public void removeFile(String path) {
    files.remove(path);
  }
}
