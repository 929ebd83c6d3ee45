package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written to a real switch and read back is equal, value for value. */
@Tag("system")
class RoundTripTest {
  @SuppressWarnings("NullAway.Init")
  private static OvsInstance ovs;

  @SuppressWarnings("NullAway.Init")
  private static OpenFlowConnection connection;

  private static final Group ALWAYS = new Group(9, Group.Type.ALL, Optional.empty(), List.of());

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

  static Stream<Group> groups() {
    return SampleFlows.groups().stream();
  }

  @ParameterizedTest
  @MethodSource("groups")
  void shouldReadBackTheGroupThatWasWritten(Group group) throws Exception {
    // when it is added
    connection.commit(List.of(new Change.AddGroup(group)));
    try {
      // then the switch reports it beside the one that is there always
      assertThat(connection.dumpGroups()).containsExactlyInAnyOrder(group, ALWAYS);
      // and when it replaces itself
      connection.commit(List.of(new Change.ModifyGroup(group)));
      assertThat(connection.dumpGroups()).containsExactlyInAnyOrder(group, ALWAYS);
    } finally {
      connection.commit(List.of(new Change.DeleteGroup(group.id())));
    }
    assertThat(connection.dumpGroups()).containsExactly(ALWAYS);
  }

  @Test
  void shouldInsertAndRemoveSingleBuckets() throws Exception {
    // given a group of one bucket
    Group.Bucket first = new Group.Bucket(10, 1, List.of(new Action.Output(1)));
    Group.Bucket second = new Group.Bucket(20, 1, List.of(new Action.Output(2)));
    Group.Bucket third = new Group.Bucket(30, 1, List.of(new Action.Output(3)));
    Group group = new Group(55, Group.Type.SELECT, Optional.empty(), List.of(first));
    connection.commit(List.of(new Change.AddGroup(group)));
    try {
      // when two are inserted and then one removed
      connection.commit(
          List.of(new Change.InsertBuckets(55, Group.Type.SELECT, List.of(second, third))));
      connection.commit(List.of(new Change.RemoveBucket(55, Group.Type.SELECT, 20)));

      // then the others stand as they were, in order
      assertThat(connection.dumpGroups())
          .contains(new Group(55, Group.Type.SELECT, Optional.empty(), List.of(first, third)));
    } finally {
      connection.commit(List.of(new Change.DeleteGroup(55)));
    }
  }
}
