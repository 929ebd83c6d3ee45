package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.Action;
import io.seine.openflow.CtFlush;
import io.seine.openflow.Family;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.FlowSet;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which connections are forgotten when a service changes. */
class StaleConnectionsTest {
  private static final Frontend VIP =
      Frontend.clusterIp(Ip.parse("10.100.0.7"), 53, Policy.CLUSTER);
  private static final Frontend NODE_PORT =
      new Frontend(
          Kind.NODE_PORT,
          Addresses.nodePort(Family.IPV4),
          30053,
          Optional.empty(),
          Policy.CLUSTER,
          Policy.CLUSTER,
          List.of());
  private static final Frontend BALANCER =
      new Frontend(
          Kind.LOAD_BALANCER,
          Ip.parse("203.0.113.5"),
          53,
          Optional.of(Ip.parse("169.254.64.9")),
          Policy.CLUSTER,
          Policy.LOCAL,
          List.of());

  private final GroupIds ids = new GroupIds();

  private static List<Endpoint> at(String... addresses) {
    return Arrays.stream(addresses).map(a -> new Endpoint(Ip.parse(a), 5353)).toList();
  }

  private static List<Endpoint> many(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Endpoint(Ip.parse("10.0.4.0").plus(i), 5353))
        .toList();
  }

  private FlowSet service(
      Protocol protocol,
      OptionalInt affinity,
      List<Endpoint> local,
      List<Endpoint> endpoints,
      Frontend... frontends) {
    Family family = frontends[0].address().family();
    return ServiceCompiler.compile(
        new ServiceFact(
            "web",
            "dns",
            List.of(
                new ServiceFact.Port(
                    "dns", protocol, family, 53, List.of(frontends), endpoints, local, affinity))),
        ids);
  }

  private FlowSet udp(List<Endpoint> endpoints, Frontend... frontends) {
    return service(Protocol.UDP, OptionalInt.empty(), List.of(), endpoints, frontends);
  }

  private static List<String> stale(FlowSet before, FlowSet after) {
    return StaleConnections.between(before, after, true).stream()
        .map(CtFlush::toString)
        .map(text -> text.replace("protocol 17 ", "").replace(", zone 65520", ""))
        .sorted()
        .toList();
  }

  @Test
  void nothingIsForgottenWhileNothingGoes() {
    FlowSet before = udp(at("10.0.1.2", "10.0.2.3"), VIP, NODE_PORT);
    assertThat(stale(before, before)).isEmpty();
    assertThat(stale(before, udp(at("10.0.1.2", "10.0.2.3", "10.0.2.4"), VIP, NODE_PORT)))
        .isEmpty();
  }

  @Test
  void ofAnEndpointThatWentTheConnectionsToEachAddress() {
    FlowSet before = udp(at("10.0.1.2", "10.0.2.3"), VIP, NODE_PORT);
    assertThat(stale(before, udp(at("10.0.1.2"), VIP, NODE_PORT)))
        .containsExactly(
            "to *:30053 answered by 10.0.2.3:5353", "to 10.100.0.7:53 answered by 10.0.2.3:5353");
  }

  @Test
  void ofAnAddressThatWentThoseThatItsEndpointsAnswer() {
    FlowSet before = udp(at("10.0.1.2"), VIP, NODE_PORT);
    assertThat(stale(before, udp(at("10.0.1.2"), VIP)))
        .containsExactly("to *:30053 answered by 10.0.1.2:5353");
    assertThat(stale(before, FlowSet.EMPTY))
        .containsExactly(
            "to *:30053 answered by 10.0.1.2:5353", "to 10.100.0.7:53 answered by 10.0.1.2:5353");
    assertThat(stale(udp(many(100), VIP), FlowSet.EMPTY)).containsExactly("to 10.100.0.7:53");
  }

  @Test
  void ofAnAddressThatAnotherServiceTookThoseThatTheFirstOnesEndpointsAnswer() {
    FlowSet before = udp(at("10.0.1.2", "10.0.2.3"), VIP, NODE_PORT);
    FlowSet after = udp(at("10.0.2.3", "10.0.2.4"), VIP);
    Flow.Key key =
        after.flows().stream()
            .filter(StaleConnections::isFrontend)
            .findFirst()
            .map(Flow::key)
            .orElseThrow();
    assertThat(StaleConnections.takenOver(key, before, after).stream().map(CtFlush::toString))
        .singleElement()
        .asString()
        .contains("to 10.100.0.7:53 answered by 10.0.1.2:5353");
  }

  @Test
  void ofAnAddressThatIsRefusedNowThoseThatItsEndpointsAnswered() {
    FlowSet before = udp(at("10.0.1.2", "10.0.2.3"), VIP);
    assertThat(stale(before, udp(List.of(), VIP)))
        .containsExactly(
            "to 10.100.0.7:53 answered by 10.0.1.2:5353",
            "to 10.100.0.7:53 answered by 10.0.2.3:5353");
  }

  @Test
  void ofAnAddressThatIsServedNowThoseThatNobodyTranslated() {
    FlowSet after = udp(at("10.0.1.2"), VIP);
    assertThat(stale(FlowSet.EMPTY, after))
        .containsExactly("to 10.100.0.7:53 answered by 10.100.0.7:53");
    assertThat(StaleConnections.between(FlowSet.EMPTY, after, false)).isEmpty();
    // One that was refused has none: a refusal is no connection.
    assertThat(stale(udp(List.of(), VIP), after)).isEmpty();
  }

  @Test
  void tcpAndSctpEndTheirConnectionsThemselves() {
    for (Protocol protocol : List.of(Protocol.TCP, Protocol.SCTP)) {
      FlowSet before =
          service(protocol, OptionalInt.empty(), List.of(), at("10.0.1.2", "10.0.2.3"), VIP);
      FlowSet after = service(protocol, OptionalInt.empty(), List.of(), at("10.0.1.2"), VIP);
      assertThat(stale(before, after)).isEmpty();
      assertThat(stale(before, FlowSet.EMPTY)).isEmpty();
    }
  }

  @Test
  void affinityIsFollowedToTheEndpoints() {
    FlowSet before =
        service(Protocol.UDP, OptionalInt.of(60), List.of(), at("10.0.1.2", "10.0.2.3"), VIP);
    FlowSet after = service(Protocol.UDP, OptionalInt.of(60), List.of(), at("10.0.1.2"), VIP);
    assertThat(stale(before, after)).containsExactly("to 10.100.0.7:53 answered by 10.0.2.3:5353");
    // To begin or to end with affinity breaks nothing.
    assertThat(stale(after, udp(at("10.0.1.2"), VIP))).isEmpty();
    assertThat(stale(udp(at("10.0.1.2"), VIP), after)).isEmpty();
    assertThat(stale(before, udp(at("10.0.1.2"), VIP)))
        .containsExactly("to 10.100.0.7:53 answered by 10.0.2.3:5353");
  }

  @Test
  void theStandInIsAnAddressToo() {
    List<Endpoint> both = at("10.0.1.2", "10.0.2.3");
    FlowSet before = service(Protocol.UDP, OptionalInt.empty(), at("10.0.1.2"), both, BALANCER);
    FlowSet after = service(Protocol.UDP, OptionalInt.empty(), List.of(), at("10.0.2.3"), BALANCER);
    assertThat(stale(before, after))
        .containsExactly(
            "to 169.254.64.9:53 answered by 10.0.1.2:5353",
            "to 203.0.113.5:53 answered by 10.0.1.2:5353");
  }

  @Test
  void whoMayNoLongerComeInIsForgotten() {
    List<Endpoint> endpoints = at("10.0.1.2");
    Frontend some =
        new Frontend(
            BALANCER.kind(),
            BALANCER.address(),
            53,
            Optional.empty(),
            Policy.CLUSTER,
            Policy.CLUSTER,
            List.of(IpPrefix.parse("192.0.2.0/24"), IpPrefix.parse("198.51.100.0/24")));
    Frontend fewer =
        new Frontend(
            BALANCER.kind(),
            BALANCER.address(),
            53,
            Optional.empty(),
            Policy.CLUSTER,
            Policy.CLUSTER,
            List.of(IpPrefix.parse("192.0.2.0/24")));
    // The source is no part of what can be asked for: others start anew too.
    assertThat(stale(udp(endpoints, some), udp(endpoints, fewer)))
        .containsExactly("to 203.0.113.5:53 answered by 10.0.1.2:5353");
    assertThat(stale(udp(endpoints, fewer), udp(endpoints, some))).isEmpty();
    assertThat(stale(udp(endpoints, some), udp(endpoints, some))).isEmpty();
  }

  @Test
  void whenThePolicyBecomesLocalWhoeverWentElsewhereIsForgotten() {
    List<Endpoint> both = at("10.0.1.2", "10.0.2.3");
    Frontend cluster =
        new Frontend(
            BALANCER.kind(),
            BALANCER.address(),
            53,
            Optional.empty(),
            Policy.CLUSTER,
            Policy.CLUSTER,
            List.of());
    Frontend local =
        new Frontend(
            BALANCER.kind(),
            BALANCER.address(),
            53,
            Optional.empty(),
            Policy.CLUSTER,
            Policy.LOCAL,
            List.of());
    OptionalInt none = OptionalInt.empty();
    for (List<Endpoint> here : List.of(at("10.0.1.2"), List.<Endpoint>of())) {
      FlowSet before = service(Protocol.UDP, none, here, both, cluster);
      FlowSet after = service(Protocol.UDP, none, here, both, local);
      assertThat(stale(before, after)).contains("to 203.0.113.5:53 answered by 10.0.2.3:5353");
      assertThat(stale(before, after)).hasSize(here.isEmpty() ? 2 : 1);
      assertThat(stale(after, before)).isEmpty();
      assertThat(stale(after, after)).isEmpty();
    }
  }

  @Test
  void ipv6IsLikeIpv4() {
    Frontend v6 = Frontend.clusterIp(Ip.parse("fd00:100::7"), 53, Policy.CLUSTER);
    assertThat(stale(udp(at("fd00:1::2", "fd00:2::3"), v6), udp(at("fd00:2::3"), v6)))
        .containsExactly("to [fd00:100::7]:53 answered by [fd00:1::2]:5353");
  }

  @Test
  void ofManyEndpointsThatWentAtOnceTheFlushesStayFew() {
    FlowSet before = udp(many(300), VIP, NODE_PORT);
    assertThat(stale(before, udp(many(290), VIP, NODE_PORT)))
        .hasSize(20)
        .allMatch(s -> s.startsWith("to "));
    assertThat(stale(before, udp(many(250), VIP, NODE_PORT)))
        .hasSize(50)
        .allMatch(s -> s.startsWith("answered by 10.0."));
    assertThat(stale(before, udp(many(100), VIP, NODE_PORT)))
        .containsExactly("to *:30053", "to 10.100.0.7:53");
  }

  @Test
  void groupsOfGroupsAreFollowed() {
    FlowSet flat = udp(at("10.0.1.2", "10.0.2.3"), VIP);
    assertThat(stale(nested(flat, 2), nested(flat, 2))).isEmpty();
    assertThat(stale(flat, nested(flat, 2))).isEmpty();
    assertThat(stale(nested(flat, 2), nested(flat, 1)))
        .singleElement()
        .asString()
        .startsWith("to 10.100.0.7:53 answered by 10.0.");
    // A circle, which no compiler makes, has an end too.
    assertThat(stale(circle(flat), FlowSet.EMPTY)).isEmpty();
  }

  /** The flow leads to a group whose buckets lead to groups of one endpoint each. */
  private static FlowSet nested(FlowSet flat, int endpoints) {
    Group group = flat.groups().getFirst();
    List<Group> groups = new ArrayList<>();
    List<Group.Bucket> parents = new ArrayList<>();
    for (Group.Bucket bucket : group.buckets().subList(0, endpoints)) {
      groups.add(new Group(bucket.id(), group.type(), group.selection(), List.of(bucket)));
      parents.add(new Group.Bucket(bucket.id(), 1, List.of(new Action.Group(bucket.id()))));
    }
    groups.add(new Group(group.id(), group.type(), group.selection(), parents));
    return new FlowSet(flat.flows(), groups);
  }

  private static FlowSet circle(FlowSet flat) {
    Group group = flat.groups().getFirst();
    return new FlowSet(
        flat.flows(),
        List.of(
            new Group(
                group.id(),
                group.type(),
                group.selection(),
                List.of(new Group.Bucket(1, 1, List.of(new Action.Group(group.id())))))));
  }

  @Test
  void aFlowAloneSaysWhichConnectionsAreItsOwn() {
    Flow flow = udp(at("10.0.1.2"), VIP).flows().getFirst();
    assertThat(StaleConnections.of(flow).map(CtFlush::toString))
        .contains("protocol 17 to 10.100.0.7:53, zone 65520");
    Flow tcp =
        service(Protocol.TCP, OptionalInt.empty(), List.of(), at("10.0.1.2"), VIP)
            .flows()
            .getFirst();
    assertThat(StaleConnections.of(tcp)).isEmpty();
  }

  private static List<String> wantedAgain(FlowSet before, FlowSet between, FlowSet after) {
    return StaleConnections.between(before, between, true).stream()
        .filter(StaleConnections.served(List.of(FlowSet.EMPTY, after)))
        .map(flush -> flush.toString().replace("protocol 17 ", "").replace(", zone 65520", ""))
        .toList();
  }

  @Test
  void ofAnEndpointThatComesBackTheConnectionsAreWantedAgain() {
    FlowSet both = udp(at("10.0.1.2", "10.0.2.3"), VIP);
    FlowSet one = udp(at("10.0.1.2"), VIP);
    assertThat(wantedAgain(both, one, both))
        .containsExactly("to 10.100.0.7:53 answered by 10.0.2.3:5353");
    assertThat(wantedAgain(both, one, one)).isEmpty();
    assertThat(wantedAgain(both, one, udp(at("10.0.2.4"), VIP))).isEmpty();
    assertThat(wantedAgain(both, FlowSet.EMPTY, one))
        .containsExactly("to 10.100.0.7:53 answered by 10.0.1.2:5353");
  }

  @Test
  void connectionsThatSomeClientsMayNotMakeAreForgottenAllTheSame() {
    FlowSet all = udp(at("10.0.1.2", "10.0.2.3"), BALANCER);
    FlowSet local =
        service(
            Protocol.UDP,
            OptionalInt.empty(),
            at("10.0.1.2"),
            at("10.0.1.2", "10.0.2.3"),
            BALANCER);
    assertThat(StaleConnections.between(local, udp(List.of(), BALANCER), true)).isNotEmpty();
    assertThat(wantedAgain(all, udp(List.of(), BALANCER), local))
        .noneMatch(text -> text.startsWith("to 169.254.64.9") && text.contains("10.0.2.3"));
  }
}
