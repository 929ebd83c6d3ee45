package io.seine.sandbox.node;

import io.seine.sandbox.netns.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A host outside the cluster: a namespace in the node network, of which no node knows anything. It
 * reaches service addresses only by the routes it is given.
 *
 * @param name unique in the sandbox
 * @param namespace where its programs run
 * @param addresses its own, one of each family of the sandbox
 */
public record OutsideClient(String name, Namespace namespace, List<String> addresses) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,11}");
  private static final String DEVICE = "eth0";
  private static final int FIRST = 220;
  private static final int LAST = 250;

  public OutsideClient {
    addresses = List.copyOf(addresses);
  }

  /**
   * Makes a client with the next free addresses.
   *
   * @param v6 whether each of its addresses is of IPv6
   * @throws IllegalArgumentException if the name is no name, or there is one of it already
   * @throws IllegalStateException if there are thirty clients already
   */
  public static OutsideClient create(Layout layout, String name, List<Boolean> v6) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a client's name is 1 to 12 lower-case letters, digits and dashes, not '" + name + "'");
    }
    if (find(layout, name).isPresent()) {
      throw new IllegalArgumentException("there is a client '" + name + "' already");
    }
    List<String> taken =
        all(layout).stream().flatMap(client -> client.addresses().stream()).toList();
    int number = FIRST;
    while (taken.contains(Underlay.address(number, false))
        || taken.contains(Underlay.address(number, true))) {
      number++;
    }
    if (number > LAST) {
      throw new IllegalStateException("the node network has no room for another client");
    }
    int free = number;
    List<String> addresses = v6.stream().map(family -> Underlay.address(free, family)).toList();
    OutsideClient client =
        new OutsideClient(name, Namespace.create(layout.clientNamespace(name)), addresses);
    client.connect(Underlay.of(layout));
    client.write(layout);
    return client;
  }

  /** The client of that name, if it has been made. */
  public static Optional<OutsideClient> find(Layout layout, String name) {
    Path file = layout.clientsDirectory().resolve(name);
    if (!NAME.matcher(name).matches() || !Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Namespace namespace = new Namespace(layout.clientNamespace(name));
      return Optional.of(new OutsideClient(name, namespace, Files.readAllLines(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All clients of a sandbox, by name. */
  public static List<OutsideClient> all(Layout layout) {
    if (!Files.isDirectory(layout.clientsDirectory())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(layout.clientsDirectory())) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .flatMap(name -> find(layout, name).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its address of the sandbox's primary family. */
  public String address() {
    return addresses.getFirst();
  }

  /** Its address of a family. */
  public Optional<String> address(boolean v6) {
    return addresses.stream().filter(address -> Cidr.isV6(address) == v6).findFirst();
  }

  /**
   * Sends what is for a destination to a node, in place of wherever it went before.
   *
   * @param destination an address or network that is not in the node network, or a single address
   *     of it
   */
  public void route(String destination, SandboxNode via) {
    boolean v6 = Cidr.isV6(destination);
    String gateway =
        via.addresses().stream()
            .filter(address -> Cidr.isV6(address) == v6)
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    via.name() + " has no address of the family of " + destination));
    namespace.ip("route replace %s via %s dev %s".formatted(destination, gateway, DEVICE));
  }

  /** Forgets a route that {@link #route} made. */
  public void unroute(String destination) {
    namespace.ip("route del %s dev %s".formatted(destination, DEVICE));
  }

  /** Removes the client. */
  public void remove(Layout layout) {
    try {
      namespace.delete();
      var _ = Files.deleteIfExists(layout.clientsDirectory().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connect(Underlay underlay) {
    namespace.option("ipv6/conf/default/accept_ra", "0");
    underlay.connect(namespace, DEVICE, "c-" + name);
    Underlay.withoutOffload(namespace, DEVICE);
    namespace.ip("link set " + DEVICE + " up");
    for (String address : addresses) {
      namespace.ip(
          "addr add " + Underlay.onDevice(address) + " dev " + DEVICE,
          "route add default via " + Underlay.routerFor(address));
    }
  }

  private void write(Layout layout) {
    try {
      var _ = Files.createDirectories(layout.clientsDirectory());
      var _ =
          Files.write(
              layout.clientsDirectory().resolve(name), addresses, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
