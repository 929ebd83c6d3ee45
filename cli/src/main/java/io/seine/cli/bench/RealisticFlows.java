package io.seine.cli.bench;

import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Change;
import io.seine.openflow.Field;
import io.seine.openflow.FieldMatch;
import io.seine.openflow.Flow;
import io.seine.openflow.Match;
import java.util.ArrayList;
import java.util.List;

/** Flows of the kinds that a large node's pipeline holds, all different. */
final class RealisticFlows {
  private static final FieldMatch IP = FieldMatch.exact(Field.ETH_TYPE, 0x0800);
  private static final FieldMatch TCP = FieldMatch.exact(Field.IP_PROTO, 6);
  private static final int CLUSTER_IPS = 0x0a600000; // 10.96.0.0
  private static final int PODS = 0x0a800000; // 10.128.0.0
  private static final long ROUTER_MAC = 0x0a5e00000001L;
  private static final int MAIN_ZONE = 65520;

  private RealisticFlows() {}

  /** Of ten: six of service translation, two of source checks, two of routing. */
  static List<Change> of(int count) {
    List<Change> changes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Flow flow =
          switch (i % 10) {
            case 0, 1 -> source(i);
            case 2, 3 -> route(i);
            default -> service(i);
          };
      changes.add(new Change.AddFlow(flow, 0x5e10_0000_0000_0000L | i));
    }
    return changes;
  }

  private static Flow service(int i) {
    return new Flow(
        17,
        200,
        Match.of(
            IP,
            TCP,
            FieldMatch.exact(Field.IPV4_DST, CLUSTER_IPS + i),
            FieldMatch.exact(Field.TCP_DST, 80)),
        List.of(
            Action.Ct.of(20, MAIN_ZONE)
                .withCommit(Action.SetField.masked(Field.CT_MARK, 0x10, 0x10))
                .withNat(Action.Nat.destination(Bits.of(PODS + i, 4), 8080))));
  }

  private static Flow source(int i) {
    return new Flow(
        5,
        200,
        Match.of(
            IP,
            FieldMatch.exact(Field.IN_PORT, 3 + i % 60_000),
            FieldMatch.exact(Field.ETH_SRC, 0x0a5800000000L | (PODS + i)),
            FieldMatch.exact(Field.IPV4_SRC, PODS + i)),
        List.of(new Action.GotoTable(10)));
  }

  private static Flow route(int i) {
    return new Flow(
        30,
        200,
        Match.of(
            IP,
            FieldMatch.exact(Field.ETH_DST, ROUTER_MAC),
            FieldMatch.exact(Field.IPV4_DST, PODS + i)),
        List.of(
            Action.SetField.of(Field.ETH_SRC, ROUTER_MAC),
            Action.SetField.of(Field.ETH_DST, 0x0a5800000000L | (PODS + i)),
            Action.SetField.masked(Field.REG0, 0x30, 0xf0),
            new Action.GotoTable(31)));
  }
}
