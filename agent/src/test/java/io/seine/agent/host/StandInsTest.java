package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.Owner;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandInsTest {
  private static final Owner WEB = new Owner.Service("shop", "web");
  private static final Owner API = new Owner.Service("shop", "api");

  private final StandIns standIns = new StandIns();

  /** Room for three: the first address of a range is not given. */
  private static StandIns small() {
    return new StandIns(IpPrefix.parse("169.254.64.0/30"), IpPrefix.parse("fd00:5e1e:1::/126"));
  }

  @Test
  void anAddressHasTheSameStandInOnEveryNodeAndAfterEveryStart() {
    Ip external = Ip.parse("203.0.113.7");

    Ip first = standIns.of(external).orElseThrow();

    assertThat(Addresses.standIns(Family.IPV4).contains(first)).isTrue();
    assertThat(standIns.of(external)).contains(first);
    assertThat(new StandIns().of(external)).contains(first);
    Ip sixth = standIns.of(Ip.parse("2001:db8::7")).orElseThrow();
    assertThat(Addresses.standIns(Family.IPV6).contains(sixth)).isTrue();
    assertThat(new StandIns().of(Ip.parse("2001:db8::7"))).contains(sixth);
  }

  @Test
  void noTwoAddressesShareOne() {
    Set<Ip> given = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      given.add(standIns.of(Ip.parse("203.0.0.0").plus(i)).orElseThrow());
    }

    assertThat(given).hasSize(10_000);
    assertThat(given).allMatch(ip -> Addresses.standIns(Family.IPV4).contains(ip));
  }

  @Test
  void theMetadataServiceOfCloudsIsNeverAStandIn() {
    assertThat(Addresses.standIns(Family.IPV4).contains(Ip.parse("169.254.169.254"))).isFalse();
    assertThat(Addresses.standIns(Family.IPV4).contains(Ip.parse("169.254.20.10"))).isFalse();
  }

  @Test
  void whatTheKernelHasFromAnEarlierRunIsKept() {
    Ip external = Ip.parse("203.0.113.7");
    standIns.adopt(Map.of(external, Ip.parse("169.254.100.1")));
    standIns.adopt(Map.of(Ip.parse("203.0.113.8"), Ip.parse("10.0.0.1")));

    assertThat(standIns.of(external)).contains(Ip.parse("169.254.100.1"));
    assertThat(standIns.of(Ip.parse("203.0.113.8")).orElseThrow())
        .matches(ip -> Addresses.standIns(Family.IPV4).contains(ip));
  }

  @Test
  void whenNoneIsLeftTheRefusalSaysSo() {
    StandIns few = small();
    for (int i = 1; i <= 3; i++) {
      assertThat(few.of(Ip.parse("203.0.113." + i))).isPresent();
      assertThat(few.of(Ip.parse("2001:db8::" + i))).isPresent();
    }

    assertThat(few.of(Ip.parse("203.0.113.4"))).isEmpty();
    assertThat(few.of(Ip.parse("2001:db8::4"))).isEmpty();
    assertThat(few.refusal(Ip.parse("203.0.113.4")))
        .isEqualTo(
            "203.0.113.4 cannot be reached from outside the pod network: the 3 external addresses"
                + " that a node can serve are in use; remove some");
  }

  @Test
  void anAddressThatNobodyUsesAnyMoreGivesItsStandInBack() {
    StandIns few = small();
    for (int i = 1; i <= 3; i++) {
      var _ = few.of(Ip.parse("203.0.113." + i));
    }
    few.use(WEB, Set.of(Ip.parse("203.0.113.1"), Ip.parse("203.0.113.2")));
    few.use(API, Set.of(Ip.parse("203.0.113.2"), Ip.parse("203.0.113.3")));

    few.use(WEB, Set.of());

    assertThat(few.of(Ip.parse("203.0.113.4"))).isPresent();
    assertThat(few.of(Ip.parse("203.0.113.5"))).isEmpty();
    assertThat(few.of(Ip.parse("203.0.113.2"))).isPresent();
  }

  @Test
  void whatWasTakenOverAndNobodyUsesIsGivenBackWhenAllHaveSpoken() {
    StandIns few = small();
    few.adopt(
        Map.of(
            Ip.parse("203.0.113.1"), Ip.parse("169.254.64.1"),
            Ip.parse("203.0.113.2"), Ip.parse("169.254.64.2"),
            Ip.parse("203.0.113.3"), Ip.parse("169.254.64.3")));
    few.use(WEB, Set.of(Ip.parse("203.0.113.1")));
    assertThat(few.of(Ip.parse("203.0.113.4"))).isEmpty();

    few.complete();

    assertThat(few.of(Ip.parse("203.0.113.4"))).isPresent();
    assertThat(few.of(Ip.parse("203.0.113.1"))).contains(Ip.parse("169.254.64.1"));
  }
}
