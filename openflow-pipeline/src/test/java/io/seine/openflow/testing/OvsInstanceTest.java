package io.seine.openflow.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("system")
class OvsInstanceTest {
  @Test
  void shouldServeABridgeSurviveAKillAndLeaveNothing() {
    Path dir;
    try (OvsInstance ovs = OvsInstance.start()) {
      dir = ovs.dir();
      // given a bridge with a flow
      ovs.addBridge("br0");
      ovs.ofctl("add-flow", "br0", "table=3,ip,actions=drop");
      assertThat(ovs.ofctl("dump-flows", "br0")).contains("table=3");
      assertThat(ovs.mgmt("br0")).exists();
      assertThat(ovs.appctl("version")).contains("Open vSwitch");

      // when ovs-vswitchd is killed and started
      ovs.killVswitchd();
      ovs.startVswitchd();

      // then the bridge is back without its flows
      assertThat(ovs.ofctl("dump-flows", "br0")).doesNotContain("table=3");

      // and the database survives a kill
      ovs.killOvsdbServer();
      ovs.startOvsdbServer();
      assertThat(ovs.vsctl("list-br")).contains("br0");
    }
    assertThat(Files.exists(dir)).isFalse();
  }
}
