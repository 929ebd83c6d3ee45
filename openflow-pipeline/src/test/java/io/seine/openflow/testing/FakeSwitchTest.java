package io.seine.openflow.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Action;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Match;
import io.seine.openflow.RefusedException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FakeSwitchTest {
  private static final Match IP = Match.of(FieldMatch.exact(Field.ETH_TYPE, 0x0800));
  private static final Group GROUP =
      new Group(
          7,
          Group.Type.SELECT,
          Optional.empty(),
          List.of(new Group.Bucket(1, 100, List.of(new Action.Output(3)))));

  private final FakeSwitch fake = new FakeSwitch();

  private static Change flow(int table, Match match, Action... actions) {
    return new Change.AddFlow(new Flow(table, 1, match, List.of(actions)), 0);
  }

  private void refuses(String why, Change... changes) {
    assertThatThrownBy(() -> fake.commit(List.of(changes)))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(why);
  }

  @Test
  void aBundleIsAllOrNothing() throws Exception {
    fake.commit(List.of(new Change.AddGroup(GROUP), flow(1, IP, new Action.Group(7))));
    refuses("no group", flow(2, IP), new Change.DeleteGroup(7), flow(3, IP, new Action.Group(8)));
    assertThat(fake.dumpFlows()).hasSize(1);
    assertThat(fake.dumpGroups()).containsExactly(GROUP);
  }

  @Test
  void groupsExistOnceAndTakeTheirFlowsWithThem() throws Exception {
    fake.commit(List.of(new Change.AddGroup(GROUP), flow(1, IP, new Action.Group(7))));
    refuses("exists", new Change.AddGroup(GROUP));
    refuses("bucket exists", new Change.InsertBuckets(7, GROUP.type(), GROUP.buckets()));
    refuses("unknown group", new Change.RemoveBucket(9, GROUP.type(), 1));
    fake.commit(List.of(new Change.DeleteGroup(7)));
    assertThat(fake.dumpFlows()).isEmpty();
  }

  @Test
  void bucketsMayLeadNowhereAndThatShows() throws Exception {
    Group parent =
        new Group(
            9,
            Group.Type.SELECT,
            Optional.empty(),
            List.of(new Group.Bucket(1, 1, List.of(new Action.Group(7)))));
    fake.commit(List.of(new Change.AddGroup(parent)));
    assertThat(fake.dangling()).containsExactly(7);
    fake.commit(List.of(new Change.AddGroup(GROUP)));
    assertThat(fake.dangling()).isEmpty();
    fake.commit(List.of(new Change.DeleteGroup(7)));
    assertThat(fake.dumpGroups()).containsExactly(parent);
  }

  @Test
  void whatAFlowHasLearntGoesWithTheLastThatTeachesIt() throws Exception {
    Action learn = new Action.Learn(60, 0, 1, 77, 2, 4, 0, 0, List.of());
    Flow first = new Flow(5, 1, IP, List.of(learn));
    Flow second = new Flow(5, 2, IP, List.of(learn));
    fake.commit(List.of(new Change.AddFlow(first, 0), new Change.AddFlow(second, 0)));
    fake.meddle(new Change.AddFlow(new Flow(4, 1, IP, List.of()), 77));
    fake.commit(List.of(new Change.DeleteFlow(first.key()), new Change.AddFlow(second, 1)));
    assertThat(fake.dumpFlows(4)).hasSize(1);
    fake.commit(List.of(new Change.DeleteFlow(second.key())));
    assertThat(fake.dumpFlows()).isEmpty();
  }

  @Test
  void flowsLeadForwardAndHaveWhatTheyNeed() {
    refuses("forward", flow(5, IP, new Action.GotoTable(5)));
    refuses("IP match", flow(5, Match.ANY, new Action.DecTtl()));
    refuses("lacks", flow(5, Match.of(FieldMatch.exact(Field.IPV4_DST, 1))));
    refuses("lacks", flow(5, IP.and(FieldMatch.exact(Field.TCP_DST, 80))));
    refuses("NORMAL", flow(5, IP, new Action.Output(0xfffffffa)));
  }
}
