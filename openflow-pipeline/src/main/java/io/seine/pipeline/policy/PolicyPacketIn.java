package io.seine.pipeline.policy;

import io.seine.openflow.Bits;
import io.seine.pipeline.ToAgent;
import java.util.Map;
import java.util.Objects;
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
  private static final int RULE_AT = 4;
  private static final int RULE_SIZE = 4;
  private static final int DRY_RUN = 1;

  private static final Map<Direction, Integer> DIRECTIONS =
      Map.of(Direction.INGRESS, 1, Direction.EGRESS, 2);
  private static final Map<Verdict, Integer> VERDICTS =
      Map.of(Verdict.ACCEPT, 1, Verdict.DENY, 2, Verdict.PASS, 3);

  public Bits userdata() {
    byte[] bytes = new byte[SIZE];
    bytes[0] = ToAgent.POLICY;
    bytes[1] = Objects.requireNonNull(DIRECTIONS.get(direction)).byteValue();
    bytes[2] = Objects.requireNonNull(VERDICTS.get(verdict)).byteValue();
    bytes[3] = (byte) (dryRun ? DRY_RUN : 0);
    System.arraycopy(Bits.of(ruleId, RULE_SIZE).toByteArray(), 0, bytes, RULE_AT, RULE_SIZE);
    return Bits.of(bytes);
  }

  /** Empty if the user data is of another kind, or not as this class writes it. */
  public static Optional<PolicyPacketIn> parse(Bits userdata) {
    if (userdata.size() < SIZE || userdata.at(0) != ToAgent.POLICY) {
      return Optional.empty();
    }
    boolean dryRun = (userdata.at(3) & DRY_RUN) != 0;
    int rule = (int) Bits.of(userdata.toByteArray(), RULE_AT, RULE_SIZE).toLong();
    return with(DIRECTIONS, userdata.at(1))
        .flatMap(direction ->
            with(VERDICTS, userdata.at(2))
                .map(verdict -> new PolicyPacketIn(direction, verdict, dryRun, rule)));
  }

  private static <K> Optional<K> with(Map<K, Integer> codes, int code) {
    return codes.entrySet().stream()
        .filter(entry -> entry.getValue() == code)
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
