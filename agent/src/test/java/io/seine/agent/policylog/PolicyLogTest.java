package io.seine.agent.policylog;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Ip;
import io.seine.pipeline.policy.Direction;
import io.seine.pipeline.policy.PolicyPacketIn;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.pipeline.policy.RuleRef;
import io.seine.pipeline.policy.Verdict;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PolicyLogTest {
  private static final String ETHERNET = "020000000001020000000002";
  private static final byte[] TCP_SYN =
      hex(ETHERNET + "0800" + "4500002800004000400600000a6000040a600107" + "9cb01538000000000000");
  private static final byte[] LATER_FRAGMENT =
      hex(ETHERNET + "0800" + "4500002800000010401100000a6000040a600107" + "9cb0153800000000");
  private static final byte[] UDP_IPV6_BEHIND_OPTIONS =
      hex(
          ETHERNET
              + "86dd6000000000183c40fd000a60000000000000000000000004fd000a60000100000000000000000007"
              + "1100000000000000"
              + "9cb0003500100000");
  private static final byte[] PING =
      hex(ETHERNET + "0800" + "4500001c00004000400100000a6000040a600107" + "0800000000000000");

  private final Map<Integer, RuleRef> rules =
      Map.of(
          7,
          RuleRef.defaultOf(
              new PolicyRef(PolicyRef.Kind.NETWORK_POLICY, "shop", "db"), Direction.INGRESS),
          8,
          new RuleRef(
              new PolicyRef(PolicyRef.Kind.CLUSTER_NETWORK_POLICY, "", "guard"),
              Direction.EGRESS,
              2,
              "no \"outside\"\n"));
  private final Map<Ip, String> pods = Map.of(Ip.parse("10.96.0.4"), "shop/web");
  private final AtomicLong now = new AtomicLong();
  private final List<String> lines = new ArrayList<>();
  private final PolicyLog log = new PolicyLog(new Known(), 2, now::get, lines::add);

  private final class Known implements PolicyLog.Names {
    @Override
    public Optional<RuleRef> rule(int id) {
      return Optional.ofNullable(rules.get(id));
    }

    @Override
    public Optional<String> pod(Ip address) {
      return Optional.ofNullable(pods.get(address));
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static PolicyPacketIn denied(int rule) {
    return new PolicyPacketIn(Direction.INGRESS, Verdict.DENY, false, rule);
  }

  @Test
  void shouldNameThePolicyTheRuleThePodsAndThePort() {
    log.decided(denied(7), TCP_SYN);

    assertThat(lines)
        .containsExactly(
            "connection denied: direction=ingress policy=networkpolicy/shop/db rule=default"
                + " source=shop/web sourceAddress=10.96.0.4 destinationAddress=10.96.1.7"
                + " protocol=TCP sourcePort=40112 port=5432 dryRun=false");
  }

  @Test
  void shouldKeepALineWholeWhateverARuleIsCalled() {
    log.decided(new PolicyPacketIn(Direction.EGRESS, Verdict.ACCEPT, true, 8), PING);

    assertThat(lines)
        .containsExactly(
            "connection allowed: direction=egress policy=clusternetworkpolicy/guard rule=2"
                + " ruleName=\"no ?outside??\" source=shop/web sourceAddress=10.96.0.4"
                + " destinationAddress=10.96.1.7 protocol=ICMP dryRun=true");
  }

  @Test
  void shouldFindThePortsBehindIpv6Options() {
    log.decided(denied(7), UDP_IPV6_BEHIND_OPTIONS);

    assertThat(lines.getFirst())
        .contains("sourceAddress=fd00:a60::4 destinationAddress=fd00:a60:1::7 protocol=UDP")
        .contains("sourcePort=40112 port=53 ");
  }

  @Test
  void shouldNotTakeAFragmentsDataForPorts() {
    log.decided(denied(7), LATER_FRAGMENT);

    assertThat(lines.getFirst()).contains("protocol=UDP dryRun=").doesNotContain("ort=4");
  }

  @Test
  void shouldSayWhatItKnowsOfARuleThatIsGoneAndAPacketThatIsNone() {
    log.decided(denied(-1), hex(ETHERNET + "0806"));

    assertThat(lines)
        .containsExactly("connection denied: direction=ingress ruleId=4294967295 dryRun=false");
  }

  @Test
  void shouldKeepToTheRateAndSayHowManyLinesItLeftOut() {
    // given more than may be written in a second
    for (int i = 0; i < 5; i++) {
      log.decided(denied(7), TCP_SYN);
    }
    assertThat(lines).hasSize(2);
    assertThat(log.counts()).isEqualTo(new PolicyLog.Counts(2, 3));

    // when time goes on
    now.addAndGet(1_000_000_000L);
    log.decided(denied(7), TCP_SYN);

    // then the next line says so, and no other
    assertThat(lines.getLast()).endsWith("dryRun=false suppressedBefore=3");
    log.report();
    assertThat(lines).hasSize(3);

    log.decided(denied(7), TCP_SYN);
    log.decided(denied(7), TCP_SYN);
    log.report();
    log.report();
    assertThat(lines).hasSize(5);
    assertThat(lines.getLast())
        .isEqualTo("connections not logged, to keep to the rate: suppressed=1");
  }
}
