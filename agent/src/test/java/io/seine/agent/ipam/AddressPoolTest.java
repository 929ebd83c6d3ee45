package io.seine.agent.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPoolTest {
  private static final Duration REST = Duration.ofSeconds(60);
  private static final Duration SHORTEST = Duration.ofSeconds(2);

  private Instant now = Instant.EPOCH;
  private final InstantSource clock = () -> now;

  private AddressPool pool(String cidr) {
    return new AddressPool(IpPrefix.parse(cidr), REST, SHORTEST, clock);
  }

  private static Ip ip(String text) {
    return Ip.parse(text);
  }

  private static Ip given(Allocation allocation) {
    assertThat(allocation).isInstanceOf(Allocation.Given.class);
    return ((Allocation.Given) allocation).address();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.10.1.0/29", "10.10.1.0/24", "10.10.0.0/20", "10.10.0.0/16"})
  void everyAddressIsGivenOnceExceptNetworkGatewayAndBroadcast(String cidr) {
    AddressPool pool = pool(cidr);
    IpPrefix network = IpPrefix.parse(cidr);
    int size = network.size().intValueExact();
    Set<Ip> seen = new HashSet<>();

    while (pool.allocate() instanceof Allocation.Given given) {
      assertThat(seen.add(given.address())).isTrue();
    }

    assertThat(seen).hasSize(size - 3);
    assertThat(seen).doesNotContain(network.network(), network.network().plus(1), network.last());
    assertThat(pool.usage()).isEqualTo(new AddressPool.Usage(size - 3, 0, size - 3));
  }

  @Test
  void theFirstPodGetsTheAddressAfterTheGateway() {
    AddressPool pool = pool("10.10.1.0/24");

    assertThat(pool.gateway()).isEqualTo(ip("10.10.1.1"));
    assertThat(given(pool.allocate())).isEqualTo(ip("10.10.1.2"));
  }

  @Test
  void anExhaustedPoolGivesItsNumbers() {
    AddressPool pool = pool("10.10.1.0/29");
    for (int i = 0; i < 5; i++) {
      given(pool.allocate());
    }

    Allocation none = pool.allocate();

    assertThat(none)
        .isEqualTo(
            new Allocation.Exhausted(
                pool.cidr(), new AddressPool.Usage(5, 0, 5), java.util.Optional.empty()));
    assertThat(pool.usage()).hasToString("5 in use, 0 resting, 0 free of 5");
  }

  @Test
  void aReleasedAddressRestsWhileOthersAreFree() {
    AddressPool pool = pool("10.10.1.0/29");
    Ip first = given(pool.allocate());
    pool.release(first);

    List<Ip> next = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      next.add(given(pool.allocate()));
    }

    assertThat(next).doesNotContain(first);
    assertThat(pool.usage()).isEqualTo(new AddressPool.Usage(4, 1, 5));
  }

  @Test
  void whenOnlyRestingAddressesAreLeftTheOneReleasedFirstIsGivenAfterTheShortestRest() {
    AddressPool pool = pool("10.10.1.0/29");
    List<Ip> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(given(pool.allocate()));
    }
    pool.release(all.get(3));
    now = now.plusSeconds(1);
    pool.release(all.get(0));

    assertThat(pool.allocate())
        .isEqualTo(
            new Allocation.Exhausted(
                pool.cidr(),
                new AddressPool.Usage(3, 2, 5),
                java.util.Optional.of(Instant.EPOCH.plus(SHORTEST))));
    now = now.plusSeconds(1);
    assertThat(given(pool.allocate())).isEqualTo(all.get(3));
    assertThat(pool.allocate()).isInstanceOf(Allocation.Exhausted.class);
  }

  @Test
  void aRestedAddressIsFreeAgain() {
    AddressPool pool = pool("10.10.1.0/29");
    Ip first = given(pool.allocate());
    pool.release(first);
    assertThat(pool.allocate(first)).isInstanceOf(Allocation.Refused.class);

    now = now.plus(REST);

    assertThat(pool.usage().resting()).isZero();
    assertThat(given(pool.allocate(first))).isEqualTo(first);
  }

  @Test
  void aWantedAddressIsGivenOnlyWhenFree() {
    AddressPool pool = pool("10.10.1.0/24");

    assertThat(given(pool.allocate(ip("10.10.1.77")))).isEqualTo(ip("10.10.1.77"));

    assertThat(pool.allocate(ip("10.10.1.77")))
        .isEqualTo(new Allocation.Refused(ip("10.10.1.77"), "another pod has it", false));
    for (String reserved : List.of("10.10.1.0", "10.10.1.1", "10.10.1.255", "10.10.2.7")) {
      assertThat(pool.allocate(ip(reserved)))
          .isInstanceOfSatisfying(
              Allocation.Refused.class, r -> assertThat(r.permanent()).isTrue());
    }
  }

  @Test
  void leasesOfPortRowsAreAdoptedAndTheTurnGoesOnAfterThem() {
    AddressPool pool = pool("10.10.1.0/24");

    Set<Ip> strangers =
        pool.adopt(List.of(ip("10.10.1.2"), ip("10.10.1.9"), ip("10.10.7.3"), ip("10.10.1.1")));

    assertThat(strangers).containsExactlyInAnyOrder(ip("10.10.7.3"), ip("10.10.1.1"));
    assertThat(given(pool.allocate())).isEqualTo(ip("10.10.1.10"));
    assertThat(pool.usage().inUse()).isEqualTo(3);
  }

  @Test
  void aCancelledAllocationNeedsNoRestAndReleasingTwiceIsHarmless() {
    AddressPool pool = pool("10.10.1.0/29");
    Ip address = given(pool.allocate());
    pool.cancel(address);
    assertThat(given(pool.allocate(address))).isEqualTo(address);

    pool.release(address);
    pool.release(address);

    assertThat(pool.usage()).isEqualTo(new AddressPool.Usage(0, 1, 5));
  }

  @Test
  void noAddressIsEverWithTwoPodsWhateverTheOrderOfCalls() {
    Random random = new Random(20261121);
    AddressPool pool = pool("10.10.1.0/27");
    ArrayDeque<Ip> held = new ArrayDeque<>();
    Set<Ip> holding = new HashSet<>();

    for (int step = 0; step < 20_000; step++) {
      now = now.plusMillis(random.nextInt(1500));
      if (random.nextInt(100) < 52) {
        if (pool.allocate() instanceof Allocation.Given given) {
          assertThat(holding.add(given.address())).isTrue();
          held.addLast(given.address());
        }
      } else if (!held.isEmpty()) {
        Ip address = held.removeFirst();
        holding.remove(address);
        pool.release(address);
      }
      AddressPool.Usage usage = pool.usage();
      assertThat(usage.inUse()).isEqualTo(holding.size());
      assertThat(usage.free()).isNotNegative();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fd00:10:96::/64, 65536",
    "fd00:10:96:0:0:ff00::/120, 256",
    "fd00::/125, 8",
    "fd00::/112, 65536",
    "2001:db8::/32, 65536"
  })
  void ofAnIpv6CidrTheFirstAddressesAreGivenAfterTheGateway(String cidr, int size) {
    AddressPool pool = pool(cidr);
    IpPrefix network = IpPrefix.parse(cidr);
    Set<Ip> seen = new HashSet<>();

    while (pool.allocate() instanceof Allocation.Given given) {
      assertThat(seen.add(given.address())).isTrue();
      assertThat(network.contains(given.address())).isTrue();
    }

    assertThat(pool.gateway()).isEqualTo(network.network().plus(1));
    assertThat(seen)
        .hasSize(size - 2)
        .contains(network.network().plus(2), network.network().plus(size - 1))
        .doesNotContain(network.network(), pool.gateway());
  }

  @Test
  void anIpv6AddressBeyondTheFirstIsNeitherGivenNorTakenForAnother() {
    AddressPool pool = pool("fd00:10:96::/64");
    List<Ip> beyond =
        List.of(
            ip("fd00:10:96::1:2"),
            ip("fd00:10:96::1:0:2"),
            ip("fd00:10:96::ffff:ffff"),
            ip("fd00:10:96:0:8000::2"),
            ip("fd00:10:97::2"),
            ip("10.10.1.2"));

    assertThat(pool.adopt(beyond)).containsExactlyInAnyOrderElementsOf(beyond);
    beyond.forEach(pool::release);

    assertThat(beyond)
        .allSatisfy(each ->
            assertThat(pool.allocate(each))
                .isInstanceOfSatisfying(
                    Allocation.Refused.class, r -> assertThat(r.permanent()).isTrue()));
    assertThat(pool.usage()).isEqualTo(new AddressPool.Usage(0, 0, 65534));
    assertThat(given(pool.allocate())).isEqualTo(ip("fd00:10:96::2"));
  }

  @Test
  void aCidrThatIsTooSmallOrTooLargeIsRefused() {
    assertThatThrownBy(() -> pool("10.10.1.0/30")).hasMessageContaining("from 16 to 29");
    assertThatThrownBy(() -> pool("10.0.0.0/15")).hasMessageContaining("from 16 to 29");
    assertThatThrownBy(() -> pool("fd00::/126")).hasMessageContaining("from 0 to 125");
  }
}
