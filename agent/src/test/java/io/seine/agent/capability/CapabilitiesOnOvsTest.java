package io.seine.agent.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a real switch answers. */
@Tag("system")
class CapabilitiesOnOvsTest {
  @Test
  void theSwitchAnswersAndIsLeftAsItWas() throws Exception {
    try (OvsInstance ovs = OvsInstance.start()) {
      ovs.addBridge("br0");
      String version = ovs.appctl("version");
      // Open vSwitch 3.1 does not in user space, 3.5 does.
      boolean expected = !version.contains(" 3.1.");
      assertThat(Capabilities.of(ovs.mgmt("br0"))).isEqualTo(new Capabilities(expected));
      assertThat(Capabilities.of(ovs.mgmt("br0"))).isEqualTo(new Capabilities(expected));
      try (OpenFlowConnection connection = OpenFlowConnection.connect(ovs.mgmt("br0"))) {
        assertThat(connection.dumpFlows()).isEmpty();
      }
    }
  }

  @Test
  void withoutASwitchThereIsNoAnswer() throws Exception {
    try (OvsInstance ovs = OvsInstance.start()) {
      assertThatThrownBy(() -> Capabilities.of(ovs.mgmt("none")))
          .isInstanceOf(SwitchException.class);
    }
  }
}
