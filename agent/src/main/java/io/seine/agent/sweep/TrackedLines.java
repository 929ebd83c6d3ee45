package io.seine.agent.sweep;

import io.seine.agent.host.Unixctl;
import io.seine.pipeline.Zones;
import java.io.IOException;
import java.util.function.Consumer;

/** The connections of ovs-vswitchd's datapath, kernel or userspace, by its control socket. */
public final class TrackedLines implements UdpSweep.Connections {
  private final Unixctl vswitchd;

  public TrackedLines(Unixctl vswitchd) {
    this.vswitchd = vswitchd;
  }

  @Override
  public void read(Consumer<String> line) throws IOException {
    // The datapath forgets what it has cached of flows that changed.
    vswitchd.call("revalidator/wait");
    vswitchd.lines(line, "dpctl/dump-conntrack", "zone=" + Zones.MAIN.number());
  }
}
