package io.seine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.openflow.Action;
import io.seine.openflow.Family;
import io.seine.openflow.Field;
import io.seine.openflow.Group;
import io.seine.openflow.Ip;
import io.seine.openflow.OvsText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointGroupsTest {
  private static final String NAME = "web/front/TCP/80";

  private static ServiceFact.Endpoint endpoint(int i) {
    return new ServiceFact.Endpoint(Ip.parse("10.0.0.0").plus(i), 8080);
  }

  private static List<ServiceFact.Endpoint> endpoints(int count) {
    return IntStream.range(0, count).mapToObj(EndpointGroupsTest::endpoint).toList();
  }

  private static List<Action> actions(ServiceFact.Endpoint endpoint, int bucketId) {
    return List.of(Action.SetField.of(Field.IPV4_DST, endpoint.address().value().toLong()));
  }

  private static EndpointGroups of(List<ServiceFact.Endpoint> endpoints, boolean affinity) {
    EndpointGroups.Purpose purpose =
        new EndpointGroups.Purpose(NAME, 1, ServiceFact.Protocol.TCP, Family.IPV4, affinity);
    return EndpointGroups.of(purpose, endpoints, EndpointGroupsTest::actions, new GroupIds());
  }

  private static EndpointGroups of(List<ServiceFact.Endpoint> endpoints) {
    return of(endpoints, false);
  }

  /** Slots of 256 by what a bucket does: a second bucket of an endpoint counts with its first. */
  private static List<Integer> shares(Group group) {
    Map<List<Action>, Integer> shares = new HashMap<>();
    group.buckets().forEach(b -> shares.merge(b.actions(), b.weight(), Integer::sum));
    return List.copyOf(shares.values());
  }

  private static String method(Group group) {
    return group.selection().orElseThrow().method();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 32, 64, 128, 256})
  void fewEndpointsOrAPowerOfTwoShareSlotsOfTheDatapath(int count) {
    Group group = of(endpoints(count)).groups().getFirst();

    assertThat(method(group)).isEqualTo("dp_hash");
    assertThat(shares(group)).hasSize(count);
    assertThat(shares(group).stream().mapToInt(n -> n).sum()).isEqualTo(256);
    assertThat(shares(group))
        .allSatisfy(n -> assertThat(n * count / 256.0).isBetween(1 - 1 / 32.0, 1 + 1 / 32.0));
    int least = group.buckets().stream().mapToInt(Group.Bucket::weight).min().orElseThrow();
    int slots = Math.max(16, Integer.highestOneBit(2 * (256 / least) - 1));
    assertThat(group.buckets())
        .as("%d slots can be shared out as the weights say", slots)
        .allSatisfy(b -> assertThat(b.weight() * slots % 256).isZero());
  }

  @ParameterizedTest
  @ValueSource(ints = {13, 14, 15, 17, 100, 127, 129, 250, 255})
  void numbersThatSlotsCannotShareFairlyAreHashedByOpenVSwitch(int count) {
    EndpointGroups groups = of(endpoints(count));

    assertThat(groups.groups()).hasSize(1);
    Group group = groups.groups().getFirst();
    assertThat(group.id()).isEqualTo(groups.id());
    assertThat(OvsText.of(group))
        .contains("selection_method=hash,fields(ip_src,ip_dst,tcp_src,tcp_dst)");
    assertThat(shares(group)).hasSize(count).containsOnly(100);
  }

  @ParameterizedTest
  @ValueSource(ints = {257, 400, 401, 1000, 1601, 5000, 10000})
  void manyEndpointsArePickedInTwoSteps(int count) {
    EndpointGroups groups = of(endpoints(count));
    Group top = groups.groups().getLast();
    List<Group> subs = groups.groups().subList(0, groups.groups().size() - 1);

    assertThat(top.id()).isEqualTo(groups.id());
    assertThat(top.buckets().stream().map(b -> List.copyOf(b.actions())))
        .containsExactlyElementsOf(
            subs.stream().map(s -> List.<Action>of(new Action.Group(s.id()))).toList());
    assertThat(subs.stream().map(Group::id)).doesNotHaveDuplicates();
    int least = subs.stream().mapToInt(s -> s.buckets().size()).min().orElseThrow();
    int most = subs.stream().mapToInt(s -> s.buckets().size()).max().orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(1);
    assertThat(least).isGreaterThanOrEqualTo(100);
    assertThat(most).isLessThanOrEqualTo(200);
    assertThat(subs.stream().flatMap(s -> s.buckets().stream()).map(Group.Bucket::actions))
        .hasSize(count)
        .doesNotHaveDuplicates();
    assertThat(groups.groups())
        .allSatisfy(g -> {
          assertThat(method(g)).isEqualTo("hash");
          assertThat(shares(g)).containsOnly(100);
        });
    assertThat(subs)
        .as("the two steps hash differently")
        .allSatisfy(s ->
            assertThat(s.selection().orElseThrow().param())
                .isNotEqualTo(top.selection().orElseThrow().param()));
  }

  @Test
  void whereALearnedFlowMayComeOpenVSwitchMustSeeEachConnection() {
    assertThat(method(of(endpoints(4), true).groups().getFirst())).isEqualTo("hash");
  }

  @Test
  void everyProtocolAndFamilyIsHashedByItsOwnFields() {
    List<String> fields = new ArrayList<>();
    for (Family family : Family.values()) {
      for (ServiceFact.Protocol protocol : ServiceFact.Protocol.values()) {
        EndpointGroups.Purpose purpose =
            new EndpointGroups.Purpose(NAME, 1, protocol, family, true);
        Group group =
            EndpointGroups.of(purpose, endpoints(2), EndpointGroupsTest::actions, new GroupIds())
                .groups()
                .getFirst();
        String text = OvsText.of(group);
        fields.add(text.substring(text.indexOf("fields("), text.indexOf(",bucket=")));
      }
    }
    assertThat(fields)
        .containsExactly(
            "fields(ip_src,ip_dst,tcp_src,tcp_dst)",
            "fields(ip_src,ip_dst,udp_src,udp_dst)",
            "fields(ip_src,ip_dst,sctp_src,sctp_dst)",
            "fields(ipv6_src,ipv6_dst,tcp_src,tcp_dst)",
            "fields(ipv6_src,ipv6_dst,udp_src,udp_dst)",
            "fields(ipv6_src,ipv6_dst,sctp_src,sctp_dst)");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 100, 1000})
  void theOrderOfEndpointsAndRepetitionsMeanNothing(int count) {
    List<ServiceFact.Endpoint> shuffled = new ArrayList<>(endpoints(count));
    shuffled.addAll(endpoints(count / 2));
    Collections.shuffle(shuffled, new Random(7));

    assertThat(of(shuffled)).isEqualTo(of(endpoints(count)));
  }

  @Test
  void anEndpointThatComesOrGoesMovesAtMostOneBucketFromEachSubGroupToTheNext() {
    Random random = new Random(11);
    List<ServiceFact.Endpoint> some = new ArrayList<>(endpoints(2000));
    Collections.shuffle(some, random);
    some = new ArrayList<>(some.subList(0, 1000));
    EndpointGroups before = of(some);
    for (int step = 0; step < 100; step++) {
      if (random.nextBoolean() && some.size() > 900) {
        some.remove(random.nextInt(some.size()));
      } else {
        some.add(endpoint(3000 + step));
      }
      EndpointGroups after = of(some);

      assertThat(after.groups().stream().map(Group::id))
          .containsExactlyElementsOf(before.groups().stream().map(Group::id).toList());
      int changed = 0;
      for (int i = 0; i < after.groups().size(); i++) {
        Set<Group.Bucket> came = new HashSet<>(after.groups().get(i).buckets());
        Set<Group.Bucket> went = new HashSet<>(before.groups().get(i).buckets());
        Set<Group.Bucket> both = new HashSet<>(came);
        both.retainAll(went);
        came.removeAll(both);
        went.removeAll(both);
        assertThat(came).hasSizeLessThanOrEqualTo(2);
        assertThat(went).hasSizeLessThanOrEqualTo(2);
        changed += came.size() + went.size();
      }
      assertThat(changed).isLessThanOrEqualTo(2 * after.groups().size());
      before = after;
    }
  }

  @Test
  void bucketIdsAreStableDistinctAndNeverZero() {
    Map<Integer, ServiceFact.Endpoint> few = EndpointGroups.buckets(endpoints(10));
    Map<Integer, ServiceFact.Endpoint> many = EndpointGroups.buckets(endpoints(10000));

    assertThat(many).hasSize(10000).containsAllEntriesOf(few);
    assertThat(many.keySet()).allMatch(id -> id > 0);
    Set<Integer> inGroups = new HashSet<>();
    of(endpoints(10), true).groups().getFirst().buckets().forEach(b -> inGroups.add(b.id()));
    assertThat(inGroups).containsExactlyInAnyOrderElementsOf(few.keySet());
  }

  @Test
  void aGroupWithoutEndpointsIsRefused() {
    assertThatThrownBy(() -> of(List.of())).hasMessageContaining(NAME);
  }
}
