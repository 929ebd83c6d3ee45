package io.seine.ovsdb;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long a pod's port takes: the transaction, and until ovs-vswitchd has attached the device. */
@Tag("bench")
class PodPortBench {
  private static final int WARM_UP = 40;
  private static final int RUNS = 120;

  @Test
  void addAPodPort() {
    try (OvsFixture ovs = new OvsFixture()) {
      ovs.bridge();
      double[] committed = new double[RUNS];
      double[] attached = new double[RUNS];
      double[] deleted = new double[RUNS];
      for (int i = -WARM_UP; i < RUNS; i++) {
        PodPort pod = OvsFixture.pod(i + WARM_UP + 1);
        ovs.veth(pod);
        long start = System.nanoTime();
        ovs.manager.addPodPort(pod);
        long commit = System.nanoTime();
        ovs.manager.awaitAttached(pod.name());
        long attach = System.nanoTime();
        ovs.manager.deletePort(pod.name());
        long delete = System.nanoTime();
        ovs.namespace.exec("ip", "link", "delete", pod.name());
        if (i >= 0) {
          committed[i] = (commit - start) / 1e6;
          attached[i] = (attach - start) / 1e6;
          deleted[i] = (delete - attach) / 1e6;
        }
      }
      System.out.println("add, committed:      " + summary(committed));
      System.out.println("add, until attached: " + summary(attached));
      System.out.println("delete, committed:   " + summary(deleted));
    }
  }

  private static String summary(double[] milliseconds) {
    double[] sorted = milliseconds.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        "p50 %.2f ms, p90 %.2f ms, max %.2f ms, n=%d",
        sorted[sorted.length / 2],
        sorted[sorted.length * 9 / 10],
        sorted[sorted.length - 1],
        sorted.length);
  }
}
