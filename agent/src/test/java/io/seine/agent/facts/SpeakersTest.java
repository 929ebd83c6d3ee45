package io.seine.agent.facts;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.NodeInfo;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One agent tells of each object, whichever is asked, and never none. */
class SpeakersTest {
  private static final List<String> FIVE = List.of("n1", "n2", "n3", "n4", "n5");
  private static final List<ObjectRef> OBJECTS =
      IntStream.range(0, 300).mapToObj(i -> policy("uid-" + i)).toList();

  /** What the agents of a cluster each know of its nodes. */
  private final Map<String, Speakers> agents = new TreeMap<>();

  private static ObjectRef policy(String uid) {
    return new ObjectRef(
        "networking.k8s.io/v1", "NetworkPolicy", new ObjectKey("shop", "closed"), uid);
  }

  private static NodeInfo node(String name, Map<String, String> labels, String... podCidrs) {
    return new NodeInfo(
        ObjectRef.node(name, "uid-" + name),
        "1",
        List.of("192.168.1.1"),
        List.of(),
        List.of(podCidrs),
        "",
        0,
        List.of("192.168.1.1"),
        labels);
  }

  private static NodeInfo node(String name) {
    return node(name, Map.of("kubernetes.io/os", "linux"), "10.96.0.0/24");
  }

  private void cluster(List<String> names) {
    names.forEach(name -> agents.put(name, new Speakers(name)));
    names.forEach(name -> tell(node(name)));
  }

  private void tell(NodeInfo node) {
    agents.values().forEach(agent -> agent.put(node));
  }

  private List<String> speaking(ObjectRef object) {
    return agents.entrySet().stream()
        .filter(agent -> agent.getValue().isMine(object))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Map<ObjectRef, String> speakers() {
    Map<ObjectRef, String> all = new HashMap<>();
    for (ObjectRef object : OBJECTS) {
      List<String> speaking = speaking(object);
      assertThat(speaking).as("who speaks for %s", object.uid()).hasSize(1);
      all.put(object, speaking.getFirst());
    }
    return all;
  }

  @Test
  void shouldHaveEachObjectToldOfByOneAndShareThem() {
    cluster(FIVE);

    Map<ObjectRef, String> speakers = speakers();

    for (String name : FIVE) {
      assertThat(speakers.values().stream().filter(name::equals).count())
          .as("of 300 objects those of %s", name)
          .isBetween(30L, 100L);
    }
  }

  @Test
  void shouldAgreeInWhateverOrderTheNodesCame() {
    cluster(FIVE);
    Map<ObjectRef, String> before = speakers();
    List<String> order = new ArrayList<>(FIVE);
    for (int seed = 1; seed < 10; seed++) {
      Collections.shuffle(order, new Random(seed));
      Speakers late = new Speakers("n3");
      OBJECTS.subList(0, 100).forEach(late::isMine); // asked too early, too
      order.forEach(name -> late.put(node(name)));
      for (ObjectRef object : OBJECTS) {
        assertThat(late.isMine(object)).isEqualTo("n3".equals(before.get(object)));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"is not ready", "is gone", "has no pod network any more"})
  void shouldHandOverWhatASpeakerHadWhenIt(String happening) {
    cluster(FIVE);
    Map<ObjectRef, String> before = speakers();
    agents.values().forEach(Speakers::takeMoved);

    // when it happens to one of them
    switch (happening) {
      case "is not ready" -> tell(node("n2").withReady(false));
      case "is gone" -> {
        agents.remove("n2");
        agents.values().forEach(agent -> agent.remove("n2"));
      }
      default -> tell(node("n2", Map.of()));
    }

    // then others speak for its objects, and for no other
    assertThat(agents.values()).allMatch(Speakers::takeMoved);
    Map<ObjectRef, String> after = speakers();
    for (ObjectRef object : OBJECTS) {
      if ("n2".equals(before.get(object))) {
        assertThat(after.get(object)).isNotEqualTo("n2");
      } else {
        assertThat(after.get(object)).isEqualTo(before.get(object));
      }
    }
    assertThat(agents.values()).noneMatch(Speakers::takeMoved);

    // and when it is back, it has them again
    agents.putIfAbsent("n2", new Speakers("n2"));
    FIVE.forEach(name -> tell(node(name)));
    assertThat(speakers()).isEqualTo(before);
  }

  @Test
  void shouldNotTakeAHeartbeatForAChange() {
    cluster(FIVE);
    agents.values().forEach(Speakers::takeMoved);

    FIVE.forEach(name -> tell(node(name)));

    assertThat(agents.values()).noneMatch(Speakers::takeMoved);
  }

  @Test
  void shouldLeaveToANewNodeItsShareOnly() {
    cluster(FIVE);
    Map<ObjectRef, String> before = speakers();

    agents.put("n6", new Speakers("n6"));
    Stream.concat(FIVE.stream(), Stream.of("n6")).forEach(name -> tell(node(name)));

    Map<ObjectRef, String> after = speakers();
    assertThat(after).containsValue("n6");
    after.forEach((object, speaker) ->
        assertThat(speaker).isIn(List.of("n6", String.valueOf(before.get(object)))));
  }

  @Test
  void shouldHaveOneSpeakerWhenNoNodeIsReady() {
    cluster(FIVE);
    FIVE.forEach(name -> tell(node(name).withReady(false)));
    assertThat(speakers()).hasSize(OBJECTS.size());

    tell(node("n4"));
    assertThat(speakers().values()).containsOnly("n4");
  }

  @Test
  void shouldNotCountOnNodesThatCanHaveNoAgent() {
    cluster(List.of("n1", "n2"));
    tell(node("windows", Map.of("kubernetes.io/os", "windows"), "10.96.9.0/24"));
    tell(node("virtual", Map.of()));

    assertThat(speakers().values()).containsOnly("n1", "n2");
  }

  @Test
  void shouldSpeakWhenItIsAlone() {
    Speakers alone = new Speakers("n1");
    assertThat(alone.isMine(policy("u"))).as("no node is known").isTrue();

    alone.put(node("n2"));
    assertThat(alone.isMine(policy("u"))).as("its own is not known").isTrue();

    alone.remove("n2");
    alone.put(node("n1").withReady(false));
    assertThat(alone.isMine(policy("u"))).as("it is the only one").isTrue();
  }

  @Test
  void shouldNotLeaveANodeToItself() {
    cluster(FIVE);

    for (String name : FIVE) {
      assertThat(speaking(node(name).ref())).as("of %s", name).hasSize(1).doesNotContain(name);
    }
  }

  @Test
  void shouldHaveANodeToldOfByOneOfEachKindThatSeesItDifferently() {
    // given nodes with one IP family, and nodes with both
    agents.put("n1", new Speakers("n1"));
    agents.put("n2", new Speakers("n2"));
    agents.put("d1", new Speakers("d1"));
    agents.put("d2", new Speakers("d2"));
    agents.put("odd", new Speakers("odd"));
    tell(node("n1"));
    tell(node("n2"));
    tell(node("d1", Map.of(), "10.96.1.0/24", "fd00:1::/64"));
    tell(node("d2", Map.of(), "10.96.2.0/24", "fd00:2::/64"));
    NodeInfo odd = node("odd", Map.of(), "10.96.3.0/24");
    tell(odd);

    // what the odd one lacks is seen by those only that have it
    assertThat(speaking(odd.ref())).filteredOn(name -> name.startsWith("d")).hasSize(1);
    assertThat(speaking(odd.ref())).filteredOn(name -> name.startsWith("n")).hasSize(1);
    assertThat(speakers()).hasSize(OBJECTS.size());
  }
}
