package io.seine.cri;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A release of containerd that the tests can run.
 *
 * @param name what it is called in a test's name
 * @param directory where its executables are
 * @param plugins where the CNI plugins that fit it are
 * @param asksStatus whether it runs plugins with STATUS, as containerd does from 2.0 on
 */
record Release(String name, Path directory, Path plugins, boolean asksStatus) {

  /**
   * The environment variable with the directory that a newer release's Debian packages were
   * unpacked into.
   */
  private static final String NEWER = "SEINE_TEST_CONTAINERD";

  /** Debian 12's, and the newer one that the test command fetched, if it could. */
  static List<Release> available() {
    List<Release> found = new ArrayList<>();
    found.add(new Release("containerd 1.6", Path.of("/usr/bin"), Path.of("/usr/lib/cni"), false));
    String newer = System.getenv(NEWER);
    if (newer != null && Files.isDirectory(Path.of(newer))) {
      found.add(
          new Release(
              "containerd 2", Path.of(newer, "usr/bin"), Path.of(newer, "usr/lib/cni"), true));
    }
    return found;
  }

  /**
   * Its configuration, for state in {@code directory}; containerd 2 has other names for the same.
   */
  String config(Path directory) {
    String text =
        asksStatus
            ? """
            version = 3
            root = "@/root"
            state = "@/state"
            [grpc]
              address = "@/containerd.sock"
            [plugins."io.containerd.internal.v1.opt"]
              path = "@/opt"
            [plugins."io.containerd.nri.v1.nri"]
              disable = true
            [plugins."io.containerd.cri.v1.images".pinned_images]
              sandbox = "%s"
            [plugins."io.containerd.cri.v1.runtime"]
              netns_mounts_under_state_dir = true
              restrict_oom_score_adj = true
              [plugins."io.containerd.cri.v1.runtime".cni]
                bin_dirs = ["@/bin"]
                conf_dir = "@/net.d"
              [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
                  Root = "@/runc"
            """
            : """
            version = 2
            root = "@/root"
            state = "@/state"
            [grpc]
              address = "@/containerd.sock"
            [plugins."io.containerd.internal.v1.opt"]
              path = "@/opt"
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "%s"
              netns_mounts_under_state_dir = true
              restrict_oom_score_adj = true
              [plugins."io.containerd.grpc.v1.cri".cni]
                bin_dir = "@/bin"
                conf_dir = "@/net.d"
              [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                runtime_type = "io.containerd.runc.v2"
                [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                  Root = "@/runc"
            """;
    return text.formatted(Containerd.IMAGE).replace("@", directory.toString());
  }

  @Override
  public String toString() {
    return name;
  }
}
