package io.seine.agent.host;

import java.nio.file.Files;
import java.nio.file.Path;

/** Which datapath this node's switch can have. */
public final class Datapaths {
  public static final String KERNEL = "system";
  public static final String USERSPACE = "netdev";

  private Datapaths() {}

  /** {@link #KERNEL} if the kernel has the Open vSwitch module, loaded or built in. */
  public static String detect() {
    return detect(Path.of("/sys/module"));
  }

  static String detect(Path modules) {
    return Files.isDirectory(modules.resolve("openvswitch")) ? KERNEL : USERSPACE;
  }
}
