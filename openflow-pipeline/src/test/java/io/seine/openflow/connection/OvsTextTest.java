package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.OvsText;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is rendered is what ovs-ofctl prints, and what ovs-ofctl takes. */
@Tag("system")
class OvsTextTest {
  private static final Group ALWAYS = new Group(9, Group.Type.ALL, Optional.empty(), List.of());

  /**
   * What ovs-ofctl itself prints in words that it does not read back as the same: a max_len that it
   * leaves out, and a field that it refuses to take.
   */
  private static final Set<String> NOT_READ_BACK =
      Set.of("recirc_id=0", "output:NXM_NX_REG1[0..15]");

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
    connection.commit(List.of(new Change.AddGroup(ALWAYS)));
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
  void shouldSayWhatOvsOfctlSays(Flow flow) throws Exception {
    connection.commit(List.of(new Change.AddFlow(flow, 0)));
    try {
      String printed = ovs.ofctl("--no-stats", "dump-flows", "br0").strip();
      assertThat(OvsText.of(flow))
          .isEqualTo(printed.startsWith("table=") ? printed : "table=0, " + printed);
    } finally {
      connection.commit(List.of(new Change.DeleteFlow(flow.key())));
    }
  }

  @ParameterizedTest
  @MethodSource("flows")
  void shouldBeReadByOvsOfctlAsTheSameFlow(Flow flow) throws Exception {
    String text = OvsText.of(flow);
    if (NOT_READ_BACK.stream().anyMatch(text::contains)) {
      return;
    }
    ovs.ofctl("add-flow", "br0", text);
    try {
      assertThat(OvsText.of(connection.dumpFlows().getFirst().flow())).isEqualTo(text);
    } finally {
      ovs.ofctl("del-flows", "br0");
    }
  }

  static Stream<Group> groups() {
    return SampleFlows.groups().stream();
  }

  @ParameterizedTest
  @MethodSource("groups")
  void shouldSayOfAGroupWhatOvsOfctlSays(Group group) throws Exception {
    connection.commit(List.of(new Change.AddGroup(group)));
    try {
      List<String> printed = ovs.ofctl("dump-groups", "br0").lines().map(String::strip).toList();
      if (group.type() != Group.Type.FAST_FAILOVER) {
        assertThat(printed).contains(OvsText.of(group));
      }
    } finally {
      connection.commit(List.of(new Change.DeleteGroup(group.id())));
    }
  }

  @Test
  void shouldSayCookieAndCounters() throws Exception {
    // given a flow with a timeout, which only someone else would write
    ovs.ofctl("add-flow", "br0", "cookie=0x12,idle_timeout=300,table=4,ip,actions=output:1");
    try {
      // then the text names all of it
      InstalledFlow flow = connection.dumpFlows().getFirst();
      assertThat(OvsText.of(flow))
          .matches(
              "cookie=0x12, duration=\\d+\\.\\d{3}s, table=4, n_packets=0, n_bytes=0,"
                  + " idle_timeout=300, ip actions=output:1");
    } finally {
      ovs.ofctl("del-flows", "br0");
    }
  }
}
