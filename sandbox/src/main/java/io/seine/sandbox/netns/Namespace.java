package io.seine.sandbox.netns;

import io.seine.sandbox.process.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

/**
 * A named network namespace, as `ip netns` keeps them. Sockets opened here stay in the namespace
 * wherever they are used afterwards, and keep it alive until they are closed.
 *
 * @param name the file name below /run/netns
 */
public record Namespace(String name) {
  private static final Path DIRECTORY = Path.of("/run/netns");

  /** Makes the namespace, with its loopback device up. */
  public static Namespace create(String name) {
    Commands.check("ip", "netns", "add", name);
    Namespace namespace = new Namespace(name);
    namespace.ip("link set lo up");
    return namespace;
  }

  /** Every namespace of the machine whose name starts so. */
  public static List<Namespace> startingWith(String prefix) {
    if (!Files.isDirectory(DIRECTORY)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(DIRECTORY)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix))
          .sorted()
          .map(Namespace::new)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path path() {
    return DIRECTORY.resolve(name);
  }

  public boolean exists() {
    return Files.exists(path());
  }

  /** Removes the name; what was in the namespace goes with its last process and socket. */
  public void delete() {
    Commands.Result result = Commands.run(List.of("ip", "netns", "del", name));
    if (!result.ok() && exists()) {
      throw new IllegalStateException(
          "cannot remove the network namespace " + name + ": " + result.err().strip());
    }
  }

  /** The processes whose first thread is in the namespace. */
  public List<Long> processes() {
    Commands.Result result = Commands.run(List.of("ip", "netns", "pids", name));
    return result.ok() ? result.out().lines().map(Long::valueOf).toList() : List.of();
  }

  /**
   * The words that run a command here. Only the network changes: unlike `ip netns exec` it keeps
   * the mounts, so that namespaces made inside are seen outside.
   */
  public List<String> entering(List<String> argv) {
    List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + path(), "--"));
    command.addAll(argv);
    return command;
  }

  /** Runs lines of `ip`, in order; the first that fails is an error. */
  public void ip(String... lines) {
    Commands.checkWith(
        Map.of(),
        String.join("\n", Arrays.asList(lines)) + "\n",
        List.of("ip", "-n", name, "-batch", "-"));
  }

  /** Sets a kernel option of the namespace, by its path below /proc/sys/net. */
  public void option(String path, String value) {
    call(() -> Files.writeString(Path.of("/proc/sys/net").resolve(path), value));
  }

  /** Whether there is a network device of that name here, up or down. */
  public boolean hasDevice(String device) {
    return call(() -> Files.readString(Path.of("/proc/thread-self/net/dev")))
        .lines()
        .anyMatch(line -> line.strip().startsWith(device + ":"));
  }

  /**
   * Does something short on a thread inside the namespace: opening sockets, or reading /proc/net.
   * It must start no threads, which would stay here unnoticed.
   */
  public <T> T call(Callable<T> action) {
    return Setns.call(path(), action);
  }

  /** A TCP socket listening here; on the wildcard address, for both families. */
  public ServerSocketChannel listen(InetSocketAddress address) {
    return call(() -> {
      ServerSocketChannel channel = ServerSocketChannel.open();
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      return channel.bind(address, 512);
    });
  }

  /** A TCP socket of this namespace for IPv4, not yet connected. */
  public SocketChannel socket() {
    return socket(StandardProtocolFamily.INET);
  }

  /** A TCP socket of this namespace, not yet connected. */
  public SocketChannel socket(ProtocolFamily family) {
    return call(() -> SocketChannel.open(family));
  }

  /** A UDP socket of this namespace for IPv4, bound to the address; port 0 takes a free one. */
  public DatagramChannel datagram(InetSocketAddress address) {
    return datagram(StandardProtocolFamily.INET, address);
  }

  /** A UDP socket of this namespace; of IPv6 and on the wildcard address it serves both. */
  public DatagramChannel datagram(ProtocolFamily family, InetSocketAddress address) {
    return call(() -> DatagramChannel.open(family).bind(address));
  }
}
