package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.netlink.Netfilter;
import io.seine.agent.netlink.TestNamespace;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The table for services against the kernel's nftables, in a namespace. */
@Tag("system")
class ServiceDiversionsSystemTest {
  private static final Owner WEB = new Owner.Service("shop", "web");
  private static final Owner API = new Owner.Service("shop", "api");
  private static final Diversion WEB_80 = external("203.0.113.7", 80, "169.254.64.9");
  private static final Diversion NODE_PORT =
      new Diversion.NodePort(Family.IPV4, Protocol.TCP, 30080);
  private static final ServiceDiversions.Periods FAST =
      new ServiceDiversions.Periods(Duration.ofMillis(50), Duration.ofMinutes(5));

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<String> repairs = new CopyOnWriteArrayList<>();
  private TestNamespace node;
  private Netfilter netfilter;

  @BeforeEach
  void open() throws Exception {
    node = TestNamespace.create("nft");
    open.add(node);
    netfilter = node.inside(Netfilter::open);
    open.add(netfilter);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private static Diversion external(String address, int port, String standIn) {
    return new Diversion.External(Ip.parse(address), Protocol.TCP, port, Ip.parse(standIn));
  }

  private ServiceDiversions keeper(ServiceDiversions.Periods periods) {
    ServiceDiversions keeper =
        new ServiceDiversions(
            new Nft(node.within()),
            netfilter,
            "gw0",
            periods,
            new ServiceDiversions.Listener() {
              @Override
              public void applied() {}

              @Override
              public void repaired(String what) {
                repairs.add(what);
              }

              @Override
              public void failed(String problem) {}
            });
    open.add(keeper);
    return keeper;
  }

  private static void applied(ServiceDiversions keeper) throws Exception {
    assertThat(keeper.awaitApplied(Duration.ofSeconds(20))).isTrue();
  }

  private String listed() throws Exception {
    return node.run("nft", "list", "table", "inet", "seine-services");
  }

  private Set<Element> elements() throws Exception {
    return new HashSet<>(
        DiversionTable.read(new Nft(node.within())).orElseThrow().elements().values());
  }

  @Test
  void theTableHasWhatTheOwnersWantAndFollowsThem() throws Exception {
    ServiceDiversions keeper = keeper(FAST);
    assertThat(keeper.start()).isEmpty();
    keeper.addresses(List.of(Ip.parse("192.0.2.1"), Ip.parse("2001:db8::1")));
    keeper.put(WEB, Set.of(WEB_80, NODE_PORT));
    keeper.put(API, Set.of(NODE_PORT));
    applied(keeper);
    assertThat(elements())
        .containsExactlyInAnyOrder(
            WEB_80,
            NODE_PORT,
            new Element.Own(Ip.parse("192.0.2.1")),
            new Element.Own(Ip.parse("2001:db8::1")));
    assertThat(keeper.size()).isEqualTo(4);

    Diversion moved = external("203.0.113.7", 80, "169.254.64.10");
    keeper.put(WEB, Set.of(moved));
    keeper.addresses(List.of(Ip.parse("192.0.2.1")));
    applied(keeper);

    assertThat(elements())
        .containsExactlyInAnyOrder(moved, NODE_PORT, new Element.Own(Ip.parse("192.0.2.1")));
    keeper.remove(WEB);
    keeper.remove(API);
    applied(keeper);
    assertThat(elements()).containsExactly(new Element.Own(Ip.parse("192.0.2.1")));
    assertThat(repairs).isEmpty();
  }

  @Test
  void whatAnEarlierRunLeftStaysUntilAllOwnersHaveSpoken() throws Exception {
    try (ServiceDiversions before = keeper(FAST)) {
      assertThat(before.start()).isEmpty();
      before.put(WEB, Set.of(WEB_80));
      before.put(API, Set.of(NODE_PORT));
      applied(before);
    }

    ServiceDiversions keeper = keeper(FAST);
    assertThat(keeper.start()).isEqualTo(Map.of(Ip.parse("203.0.113.7"), Ip.parse("169.254.64.9")));
    keeper.put(WEB, Set.of(WEB_80));
    applied(keeper);
    assertThat(elements()).containsExactlyInAnyOrder(WEB_80, NODE_PORT);

    keeper.complete();

    applied(keeper);
    assertThat(elements()).containsExactly(WEB_80);
    assertThat(repairs).isEmpty();
  }

  @Test
  void whatAnotherProgramAlteredIsPutRight() throws Exception {
    ServiceDiversions keeper = keeper(FAST);
    var _ = keeper.start();
    keeper.put(WEB, Set.of(WEB_80, NODE_PORT));
    keeper.complete();
    applied(keeper);
    String right = listed();

    for (String damage :
        List.of(
            "delete element inet seine-services nodeports4 { tcp . 30080 }",
            "add element inet seine-services nodeports4 { udp . 53 }",
            "flush chain inet seine-services divert",
            "insert rule inet seine-services output accept",
            "delete table inet seine-services",
            "flush ruleset")) {
      int before = repairs.size();
      node.run("nft", damage);
      await(damage).until(() -> repairs.size() > before);
      assertThat(listed()).as(damage).isEqualTo(right);
    }
    assertThat(repairs).hasSize(6);
  }

  @Test
  void aTableOfAnotherKindIsMadeAnew() throws Exception {
    node.run(
        "nft",
        "add table inet seine-services; add set inet seine-services external4 { type ipv4_addr; };"
            + " add chain inet seine-services output { type nat hook output priority 5; }");
    ServiceDiversions keeper = keeper(FAST);
    assertThat(keeper.start()).isEmpty();
    keeper.put(WEB, Set.of(WEB_80));
    applied(keeper);

    assertThat(elements()).containsExactly(WEB_80);
    assertThat(listed()).contains("type nat hook output priority -100");
  }

  @Test
  void otherTablesAreLeftAlone() throws Exception {
    node.run("nft", "add table inet others; add chain inet others c");
    ServiceDiversions keeper = keeper(FAST);
    var _ = keeper.start();
    keeper.put(WEB, Set.of(WEB_80));
    keeper.complete();
    applied(keeper);
    node.run("nft", "add rule inet others c counter");

    assertThat(node.run("nft", "list", "table", "inet", "others")).contains("counter");
    assertThat(repairs).isEmpty();
  }

  @Test
  void aChangeCostsTheSameHoweverManyElementsThereAre() throws Exception {
    ServiceDiversions keeper = keeper(ServiceDiversions.Periods.DEFAULT);
    var _ = keeper.start();
    keeper.complete();
    applied(keeper);
    long few = median(keeper);

    for (int service = 0; service < 200; service++) {
      Set<Diversion> hundred = new HashSet<>();
      for (int i = 0; i < 100; i++) {
        hundred.add(external("198.18." + service + "." + i, 80 + i, "169.254.70." + service));
      }
      keeper.put(new Owner.Service("many", "s" + service), hundred);
    }
    applied(keeper);
    assertThat(keeper.size()).isEqualTo(20_000);
    long many = median(keeper);

    // The whole table takes a hundred times as long to write as one element.
    assertThat(many).as("with few elements: %d ns", few).isLessThan(5 * few + 10_000_000);
  }

  private static long median(ServiceDiversions keeper) throws Exception {
    long[] nanos = new long[16];
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      keeper.put(WEB, i % 2 == 0 ? Set.of(WEB_80) : Set.of());
      applied(keeper);
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[nanos.length / 2];
  }
}
