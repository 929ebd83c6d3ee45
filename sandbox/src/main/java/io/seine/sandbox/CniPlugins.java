package io.seine.sandbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the CNI executables are, and the network configuration that uses them. */
public final class CniPlugins {
  static final String EXECUTABLE = "seine-cni";
  private static final Path BUILT = Path.of("cni-plugin", "target", EXECUTABLE);
  private static final Path UPSTREAM = Path.of("/usr/lib/cni");
  private static final String DEFAULT_CONFIG =
      """
      {
        "cniVersion": "1.1.0",
        "name": "seine",
        "plugins": [{"type": "seine-cni", "agentSocket": "%SOCKET%"}]
      }
      """;

  private CniPlugins() {}

  /** The directories with the executables: this build's own, then the system's. */
  static List<Path> directories() {
    return List.of(find().getParent(), UPSTREAM);
  }

  static String defaultConfig() {
    return DEFAULT_CONFIG;
  }

  /** The configuration with the path of a node's agent in place of %SOCKET%. */
  static String forNode(String conflist, Path agentSocket) {
    return conflist.replace("%SOCKET%", agentSocket.toString());
  }

  /** This build's executable: below the source tree that runs, wherever in it the caller stands. */
  public static Path find() {
    Path start = Path.of(System.getProperty("seine.home", "")).toAbsolutePath();
    for (Path directory = start; directory != null; directory = directory.getParent()) {
      if (Files.isExecutable(directory.resolve(BUILT))) {
        return directory.resolve(BUILT);
      }
    }
    throw new SandboxException(
        "the CNI executable "
            + BUILT
            + " is not built (looked upwards from "
            + start
            + "); `./seine build` makes it");
  }
}
