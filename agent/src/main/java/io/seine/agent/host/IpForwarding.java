package io.seine.agent.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the node forwards packets, without which pods reach nothing outside. */
public final class IpForwarding {
  private static final String SETTING = "net/ipv4/ip_forward";

  private final Path settings;

  /** The running kernel's settings. */
  public IpForwarding() {
    this(Path.of("/proc/sys"));
  }

  IpForwarding(Path settings) {
    this.settings = settings;
  }

  /** What is wrong and what to do about it; empty if the node forwards. */
  public Optional<String> problem() throws IOException {
    if (Files.readString(settings.resolve(SETTING)).strip().equals("1")) {
      return Optional.empty();
    }
    return Optional.of(
        "this node does not forward IP packets, so its pods reach nothing outside: run"
            + " 'sysctl -w net.ipv4.ip_forward=1' and put it in /etc/sysctl.d, or set the option"
            + " that lets the agent do it");
  }

  /** Turns forwarding on. */
  public void enable() throws IOException {
    Files.writeString(settings.resolve(SETTING), "1\n");
  }
}
