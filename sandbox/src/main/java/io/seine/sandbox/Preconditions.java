package io.seine.sandbox;

import io.seine.sandbox.node.NodeOvs;
import io.seine.sandbox.process.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** What a machine must have before a sandbox can be made on it. */
final class Preconditions {
  private static final Map<String, String> TOOLS =
      Map.of(
          "ip", "iproute2",
          "nsenter", "util-linux",
          "nft", "nftables",
          "ethtool", "ethtool",
          "ovsdb-tool", "openvswitch-switch");

  private Preconditions() {}

  static void check() {
    if (!isRoot()) {
      throw new SandboxException(
          "a sandbox makes network namespaces and needs root: run it with sudo");
    }
    TOOLS.forEach((tool, debianPackage) -> {
      if (!onPath(tool)) {
        throw new SandboxException(
            tool + " is missing; on Debian: apt-get install " + debianPackage);
      }
    });
    try {
      var _ = NodeOvs.version();
    } catch (CommandFailed e) {
      throw new SandboxException("Open vSwitch does not run here", e);
    }
  }

  private static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      throw new SandboxException("cannot tell who runs this", e);
    }
  }

  private static boolean onPath(String tool) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
    return Stream.of(path.split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
