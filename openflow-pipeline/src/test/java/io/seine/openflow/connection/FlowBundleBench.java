package io.seine.openflow.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Match;
import io.seine.openflow.OvsText;
import io.seine.openflow.testing.OvsInstance;
import io.seine.openflow.testing.SampleFlows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * 100 000 flows in one bundle, through the connection and through {@code ovs-ofctl --bundle}, in
 * turns. ovs-ofctl's time includes the start of its process and the reading of text.
 */
@Tag("bench")
class FlowBundleBench {
  private static final int FLOWS = 100_000;
  private static final int ROUNDS = 5;

  @Test
  void addFlows() throws Exception {
    List<Change> changes = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < FLOWS; i++) {
      Flow flow = flow(i);
      changes.add(new Change.AddFlow(flow, i));
      text.append("cookie=").append(i).append(", ").append(OvsText.of(flow)).append('\n');
    }
    try (OvsInstance ovs = OvsInstance.start()) {
      ovs.addBridge("br0");
      Path file = Files.writeString(ovs.dir().resolve("flows.txt"), text);
      long[] ours = new long[ROUNDS];
      long[] theirs = new long[ROUNDS];
      long[] dumps = new long[ROUNDS];
      for (int round = 0; round < ROUNDS; round++) {
        try (OpenFlowConnection connection = OpenFlowConnection.connect(ovs.mgmt("br0"))) {
          long start = System.nanoTime();
          connection.commit(changes);
          ours[round] = (System.nanoTime() - start) / 1_000_000;
          start = System.nanoTime();
          assertThat(connection.dumpFlows()).hasSize(FLOWS);
          dumps[round] = (System.nanoTime() - start) / 1_000_000;
        }
        ovs.ofctl("del-flows", "br0");
        long start = System.nanoTime();
        ovs.ofctl("--bundle", "add-flows", "br0", file.toString());
        theirs[round] = (System.nanoTime() - start) / 1_000_000;
        ovs.ofctl("del-flows", "br0");
      }
      System.out.printf(
          "%d flows in one bundle, ms: connection %s, ovs-ofctl --bundle %s; dump and decode %s%n",
          FLOWS, Arrays.toString(ours), Arrays.toString(theirs), Arrays.toString(dumps));
    }
  }

  private static Flow flow(int i) {
    return new Flow(
        10,
        100,
        Match.of(
            SampleFlows.IP,
            SampleFlows.TCP,
            FieldMatch.exact(Field.IPV4_DST, 0x0a000000 + i),
            FieldMatch.exact(Field.TCP_DST, 80)),
        List.of(
            Action.Ct.of(20, 65520)
                .withCommit(Action.SetField.masked(Field.CT_MARK, 0x10, 0x10))
                .withNat(Action.Nat.destination(Bits.of(0x0b000000 + i, 4), 8080)),
            new Action.GotoTable(20)));
  }
}
