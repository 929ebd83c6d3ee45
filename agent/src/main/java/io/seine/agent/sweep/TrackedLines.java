package io.seine.agent.sweep;

import io.seine.agent.host.CachedFlows;
import io.seine.agent.host.Unixctl;
import io.seine.pipeline.Zones;
import java.io.IOException;
import java.util.function.Consumer;

/** The connections of ovs-vswitchd's datapath, kernel or userspace, by its control socket. */
public final class TrackedLines implements UdpSweep.Connections {
  private final Unixctl vswitchd;
  private final CachedFlows cached;

  /**
   * @param cached of the same datapath
   */
  public TrackedLines(Unixctl vswitchd, CachedFlows cached) {
    this.vswitchd = vswitchd;
    this.cached = cached;
  }

  @Override
  public void read(Consumer<String> line) throws IOException {
    cached.settle();
    vswitchd.lines(line, "dpctl/dump-conntrack", "zone=" + Zones.MAIN.number());
  }
}
