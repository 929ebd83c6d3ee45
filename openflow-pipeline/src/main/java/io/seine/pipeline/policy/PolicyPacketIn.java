package io.seine.pipeline.policy;

import io.seine.openflow.Bits;
import io.seine.pipeline.ToAgent;
import java.util.Optional;

/**
 * What a flow tells the agent of a connection that a logging policy decided: the user data of the
 * packet-in.
 *
 * <pre>
 *  byte 0     1           2         3        4 .. 7
 *    3   |direction |  verdict |  flags  |  rule id  |
 * </pre>
 *
 * Direction: 1 ingress, 2 egress. Verdict: 1 Accept, 2 Deny, 3 Pass. Flags: 1 dry run.
 *
 * @param dryRun the verdict is what it would have been; the packet went on
 * @param ruleId as in {@link RuleIds}
 */
public record PolicyPacketIn(Direction direction, Verdict verdict, boolean dryRun, int ruleId) {
  private static final int SIZE = 8;
  private static final int DRY_RUN = 1;

  public Bits userdata() {
    byte[] rule = Bits.of(ruleId, 4).toByteArray();
    return Bits.of(
        new byte[] {
          ToAgent.POLICY,
          (byte) (direction.ordinal() + 1),
          (byte) (verdict.ordinal() + 1),
          (byte) (dryRun ? DRY_RUN : 0),
          rule[0],
          rule[1],
          rule[2],
          rule[3]
        });
  }

  /** Empty if the user data is of another kind, or not as this class writes it. */
  public static Optional<PolicyPacketIn> parse(Bits userdata) {
    if (userdata.size() < SIZE || userdata.at(0) != ToAgent.POLICY) {
      return Optional.empty();
    }
    int direction = userdata.at(1) - 1;
    int verdict = userdata.at(2) - 1;
    if (direction < 0
        || direction >= Direction.values().length
        || verdict < 0
        || verdict >= Verdict.values().length) {
      return Optional.empty();
    }
    return Optional.of(
        new PolicyPacketIn(
            Direction.values()[direction],
            Verdict.values()[verdict],
            (userdata.at(3) & DRY_RUN) != 0,
            (int) Bits.of(userdata.toByteArray(), 4, 4).toLong()));
  }
}
