package io.seine.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Change;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Ip;
import io.seine.openflow.Match;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.Registers;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AffinitySweepTest {
  private static final Owner OWNER = new Owner.Service("shop", "web");

  private long now = Duration.ofDays(9).toNanos();
  private final GroupIds ids = new GroupIds();
  private final Learned learned = new Learned();
  private final AffinitySweep sweep = new AffinitySweep(ids, () -> now);

  /** A switch of which only the learned flows are asked. */
  private static final class Learned implements Switch {
    final List<InstalledFlow> flows = new ArrayList<>();

    @Override
    public List<InstalledFlow> dumpFlows() {
      return List.copyOf(flows);
    }

    @Override
    public List<Group> dumpGroups() {
      return List.of();
    }

    @Override
    public void flushConnections(List<CtFlush> flushes) {}

    @Override
    public void commit(List<Change> changes) {
      for (Change change : changes) {
        if (change instanceof Change.DeleteFlow(Flow.Key key)) {
          flows.removeIf(f -> f.flow().key().equals(key));
        }
      }
    }
  }

  private static ServiceFact web(int seconds) {
    return new ServiceFact(
        "shop",
        "web",
        List.of(
            new ServiceFact.Port(
                "",
                ServiceFact.Protocol.TCP,
                Family.IPV4,
                80,
                List.of(
                    ServiceFact.Frontend.clusterIp(
                        Ip.parse("100.64.0.9"), 80, ServiceFact.Policy.CLUSTER)),
                List.of(new ServiceFact.Endpoint(Ip.parse("10.96.0.4"), 8080)),
                List.of(),
                OptionalInt.of(seconds))));
  }

  private void learn(int client, Duration idle) {
    int group = ServiceCompiler.compile(web(66_000), ids).groups().getFirst().id();
    Flow flow =
        new Flow(
            Table.AFFINITY.number(),
            200,
            Match.of(
                FieldMatch.exact(Field.ETH_TYPE, 0x0800),
                FieldMatch.exact(Field.IPV4_SRC, client),
                Registers.GROUP.is(Integer.toUnsignedLong(group))),
            List.of());
    learned.flows.add(new InstalledFlow(flow, 0, idle, idle, 1, 60, 0, 0));
  }

  @Test
  void shouldForgetTheClientsThatHaveNotComeForLong() throws SwitchException {
    sweep.put(OWNER, Optional.of(web(65_600)));
    learn(1, Duration.ofSeconds(65_530));
    learn(2, Duration.ofSeconds(10));
    assertThat(sweep.sweep(learned)).as("not yet").isZero();

    // when the time is over for the first
    now += Duration.ofSeconds(70).toNanos();
    learned.flows.clear();
    learn(1, InstalledFlow.MOST_IDLE);
    learn(2, Duration.ofSeconds(80));

    assertThat(sweep.sweep(learned)).isEqualTo(1);
    assertThat(learned.flows)
        .singleElement()
        .satisfies(f -> assertThat(f.idle()).isEqualTo(Duration.ofSeconds(80)));
  }

  @Test
  void shouldLeaveToTheSwitchWhatItsTimeoutsCanSay() throws SwitchException {
    learn(1, InstalledFlow.MOST_IDLE);

    sweep.put(OWNER, Optional.of(web(65_535)));
    assertThat(sweep.sweep(learned)).isZero();

    sweep.put(OWNER, Optional.empty());
    assertThat(sweep.sweep(learned)).isZero();
    assertThat(learned.flows).hasSize(1);
  }
}
