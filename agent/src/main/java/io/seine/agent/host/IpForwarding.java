package io.seine.agent.host;

import io.seine.openflow.Family;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether the node forwards packets, without which pods reach nothing outside. */
public final class IpForwarding {
  /** What is set for all devices, or for those to come, and devices that no router speaks to. */
  private static final Set<String> NO_UPLINK = Set.of("all", "default", "lo");

  private final Path settings;

  /** The running kernel's settings. */
  public IpForwarding() {
    this(Path.of("/proc/sys"));
  }

  IpForwarding(Path settings) {
    this.settings = settings;
  }

  /**
   * What is wrong and what to do about it; empty if the node forwards.
   *
   * @param families that its pods have addresses of
   */
  public Optional<String> problem(Collection<Family> families) throws IOException {
    List<String> off = new ArrayList<>();
    for (Family family : families) {
      if (!read(setting(family)).equals("1")) {
        off.add(setting(family).replace('/', '.'));
      }
    }
    if (off.isEmpty()) {
      return Optional.empty();
    }
    String advertisements =
        off.stream().anyMatch(name -> name.contains("ipv6"))
            ? "; a device that learns its routes from router advertisements keeps doing so only"
                + " with net.ipv6.conf.DEVICE.accept_ra=2, set before"
            : "";
    return Optional.of(
        "this node does not forward IP packets, so its pods reach nothing outside: run 'sysctl -w %s' and put it in /etc/sysctl.d, or set the option that lets the agent do it%s"
            .formatted(String.join("=1 ", off) + "=1", advertisements));
  }

  /**
   * Turns forwarding on. For IPv6, devices that accept router advertisements now are first told to
   * go on with it: a router does not, by default, and would lose its own default route when the
   * last advertisement runs out (Linux ip-sysctl, accept_ra).
   */
  public void enable(Collection<Family> families) throws IOException {
    for (Family family : families) {
      if (read(setting(family)).equals("1")) {
        continue;
      }
      if (family == Family.IPV6) {
        keepAdvertisements();
      }
      Files.writeString(settings.resolve(setting(family)), "1\n");
    }
  }

  /**
   * The trap that {@link #enable} keeps clear of, if someone else turned forwarding on: the device
   * hears no router advertisements any more although it is set to.
   */
  public Optional<String> unheardAdvertisements(String device) throws IOException {
    Path acceptance = settings.resolve("net/ipv6/conf/" + device + "/accept_ra");
    boolean unheard =
        Files.exists(acceptance)
            && read(setting(Family.IPV6)).equals("1")
            && Files.readString(acceptance).strip().equals("1");
    return unheard
        ? Optional.of(
            "%s does not hear router advertisements since the node forwards IPv6: if its default route comes from them, run 'sysctl -w net.ipv6.conf.%s.accept_ra=2'"
                .formatted(device, device))
        : Optional.empty();
  }

  private void keepAdvertisements() throws IOException {
    try (DirectoryStream<Path> devices =
        Files.newDirectoryStream(settings.resolve("net/ipv6/conf"))) {
      for (Path device : devices) {
        Path acceptance = device.resolve("accept_ra");
        if (!NO_UPLINK.contains(device.getFileName().toString())
            && Files.readString(acceptance).strip().equals("1")) {
          Files.writeString(acceptance, "2\n");
        }
      }
    }
  }

  private static String setting(Family family) {
    return family == Family.IPV4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding";
  }

  private String read(String setting) throws IOException {
    Path file = settings.resolve(setting);
    if (!Files.exists(file)) {
      throw new IOException(
          "this kernel has no %s: the cluster uses an IP family that the node lacks"
              .formatted(setting.replace('/', '.')));
    }
    return Files.readString(file).strip();
  }
}
