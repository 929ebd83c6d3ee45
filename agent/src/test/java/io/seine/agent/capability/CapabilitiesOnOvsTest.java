package io.seine.agent.capability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.SwitchException;
import io.seine.openflow.connection.OpenFlowConnection;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.OvsRelease;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real switch answers. */
@Tag("system")
class CapabilitiesOnOvsTest {
  static List<OvsRelease> releases() {
    return OvsRelease.available();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void theSwitchAnswersAndIsLeftAsItWas(OvsRelease release) throws Exception {
    try (OvsInstance ovs = OvsInstance.start(release)) {
      ovs.addBridge("br0");
      boolean expected = release.translatesSctpPorts();
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
