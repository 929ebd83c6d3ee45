package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written to a real switch and read back is equal, value for value. */
@Tag("system")
class RoundTripTest {
  @SuppressWarnings("NullAway.Init")
  private static OvsInstance ovs;

  @SuppressWarnings("NullAway.Init")
  private static OpenFlowConnection connection;

  @BeforeAll
  static void start() throws Exception {
    ovs = OvsInstance.start();
    ovs.addBridge("br0");
    connection = OpenFlowConnection.connect(ovs.mgmt("br0"));
    connection.addMeter(1, 100, 10);
    connection.commit(
        List.of(
            new Change.AddGroup(
                new Group(9, Group.Type.ALL, java.util.Optional.empty(), List.of()))));
  }

  @AfterAll
  static void stop() {
    connection.close();
    ovs.close();
  }

  static Stream<Flow> flows() {
    return SampleFlows.all().stream();
  }

  @ParameterizedTest
  @MethodSource("flows")
  void shouldReadBackTheFlowThatWasWritten(Flow flow) throws Exception {
    long cookie = 0x5e10_0000_0000_0000L + flow.priority();
    // when it is added
    connection.commit(List.of(new Change.AddFlow(flow, cookie)));
    try {
      // then the switch reports it and nothing else
      List<InstalledFlow> installed = new ArrayList<>(connection.dumpFlows());
      assertThat(installed).hasSize(1);
      assertThat(installed.getFirst().flow()).isEqualTo(flow);
      assertThat(installed.getFirst().cookie()).isEqualTo(cookie);
    } finally {
      connection.commit(List.of(new Change.DeleteFlow(flow.key())));
    }
    assertThat(connection.dumpFlows()).isEmpty();
  }
}
