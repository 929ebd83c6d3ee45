package io.seine.agent.service;

import static io.seine.agent.service.Given.port;
import static io.seine.agent.service.Given.service;
import static io.seine.agent.service.Given.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which services a change concerns, and that it concerns no others. */
class ConcernTest {
  private static final int MANY = 2000;
  private static final ObjectKey WEB = new ObjectKey("shop", "web");
  private static final ObjectKey LATE = new ObjectKey("shop", "late");
  private static final ObjectKey API = new ObjectKey("default", "kubernetes");

  private final Services services =
      new Services(
          Given.DUAL,
          Given.DEFAULTS,
          List.of(),
          external -> Optional.of(Ip.parse("169.254.128.7")));

  /** Services that have nothing to do with what changes. */
  @BeforeEach
  void putManyOthers() {
    for (int i = 0; i < MANY; i++) {
      ObjectKey key = new ObjectKey("many", "s" + i);
      services.put(
          service(
              key,
              "2025-01-01T00:00:00Z",
              "100.64.%d.%d".formatted(100 + i / 250, i % 250 + 1),
              new ServiceInfo.Port("", "TCP", 80, 30000 + i)));
      services.put(Given.slice(key, "s" + i, target("", "TCP", 8080), "10.96.9.9"));
    }
    services.put(Given.node("n1", "192.168.1.1", "10.96.0.0/24", "za", 10250));
    services.put(Given.node("n2", "192.168.1.2", "10.96.1.0/24", "zb", 10250));
    services.takeDirty();
  }

  private static ServiceInfo web(String... externalIps) {
    return Given.withExternalIps(
        service(WEB, "2026-01-01T00:00:00Z", "100.64.0.9", port("", "TCP", 80)), externalIps);
  }

  private static ServiceInfo late(String... externalIps) {
    return Given.withExternalIps(
        service(LATE, "2026-02-01T00:00:00Z", "100.64.0.10", port("", "TCP", 80)), externalIps);
  }

  private void put(ServiceInfo service) {
    services.put(service);
    services.takeDirty();
  }

  private List<String> problems(ObjectKey key) {
    return services.translate(key).orElseThrow().problems().stream().map(p -> p.message()).toList();
  }

  @Test
  void shouldHandAnExternalAddressOverWhenTheOlderServiceLosesIt() {
    put(late("203.0.113.1"));

    services.put(web("203.0.113.1"));
    assertThat(services.takeDirty()).containsExactlyInAnyOrder(WEB, LATE);
    assertThat(problems(WEB)).isEmpty();
    assertThat(problems(LATE))
        .containsExactly(
            "external IP 203.0.113.1:80/TCP is not served for this service: it belongs to the"
                + " service shop/web");

    services.put(web());
    assertThat(services.takeDirty()).containsExactlyInAnyOrder(WEB, LATE);
    assertThat(problems(LATE)).isEmpty();
  }

  @Test
  void shouldConcernNoOneElseWhenAServiceChangesWhatItHasAlone() {
    put(web("203.0.113.1"));

    services.put(web("203.0.113.1", "203.0.113.2"));

    assertThat(services.takeDirty()).containsExactly(WEB);
  }

  @Test
  void shouldNotLetARefusedServiceKeepAnotherFromAnAddress() {
    // given an older service that asks for the address of a younger one's cluster IP
    put(web("100.64.0.10"));
    put(late());

    assertThat(problems(WEB))
        .containsExactly(
            "external IP 100.64.0.10:80/TCP is refused: it is in the service network 100.64.0.0/16");
    assertThat(problems(LATE)).isEmpty();
  }

  @Test
  void shouldRefuseAnAddressAsSoonAsItIsInAPodNetwork() {
    put(web("10.96.5.7"));
    assertThat(problems(WEB)).isEmpty();

    services.put(Given.node("n3", "192.168.1.3", "10.96.5.0/24", "", 10250));
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(problems(WEB)).hasSize(1);

    services.removeNode("n3");
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(problems(WEB)).isEmpty();
  }

  @Test
  void shouldLetANodeServeWhatWasTheApiServersAddress() {
    put(web("10.0.0.5"));
    services.put(Given.slice(API, "kubernetes", target("https", "TCP", 6443), "10.0.0.5"));
    assertThat(services.takeDirty()).containsExactlyInAnyOrder(API, WEB);
    assertThat(problems(WEB)).hasSize(1);

    // when it turns out that a node has the address
    services.put(Given.node("n3", "10.0.0.5", "10.96.5.0/24", "", 10250));
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(problems(WEB)).isEmpty();

    services.removeNode("n3");
    services.removeSlice(new ObjectKey("default", "kubernetes"));
    assertThat(services.takeDirty()).contains(WEB);
    assertThat(problems(WEB)).isEmpty();
  }

  @Test
  void shouldKeepTheNodesBusinessOnAnAddressThatTheNodeGets() {
    ServiceInfo web =
        Given.withExternalIps(
            service(WEB, "2026-01-01T00:00:00Z", "100.64.0.9", port("", "TCP", 10250)), "10.0.0.5");
    put(web);
    assertThat(problems(WEB)).isEmpty();

    // a virtual address, which the Node object does not list
    services.addresses(List.of(Ip.parse("192.168.1.1"), Ip.parse("10.0.0.5")));
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(problems(WEB))
        .containsExactly(
            "external IP 10.0.0.5:10250/TCP is refused: the kubelet answers at this port of the"
                + " node");

    services.addresses(List.of(Ip.parse("192.168.1.1")));
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(problems(WEB)).isEmpty();
  }

  @Test
  void shouldReadNodePortsAnewWhenTheNodeGetsTheApiServersAddress() {
    services.put(Given.slice(API, "kubernetes", target("https", "TCP", 30007), "10.0.0.5"));
    services.takeDirty();

    services.addresses(List.of(Ip.parse("10.0.0.5")));

    assertThat(services.takeDirty()).contains(new ObjectKey("many", "s7"));
    assertThat(problems(new ObjectKey("many", "s7")))
        .containsExactly(
            "node port 30007/TCP is refused: the API server answers at this port of the node");
  }

  @Test
  void shouldReadNodePortsAnewWhenTheKubeletMoves() {
    services.put(Given.node("n1", "192.168.1.1", "10.96.0.0/24", "za", 30007));

    // then it is one of all node ports, and the service that has it is told
    assertThat(services.takeDirty()).contains(new ObjectKey("many", "s7"));
    assertThat(problems(new ObjectKey("many", "s7")))
        .containsExactly("node port 30007/TCP is refused: the kubelet answers at this port");
  }

  @Test
  void shouldNotLetAnExternalIpTakeANodePortOnTheNodesAddress() {
    ServiceInfo web =
        Given.withExternalIps(
            service(WEB, "2024-01-01T00:00:00Z", "100.64.0.9", port("", "TCP", 30007)),
            "192.168.1.1",
            "192.168.1.2",
            "203.0.113.1");
    put(web);
    assertThat(problems(WEB))
        .containsExactly(
            "external IP 192.168.1.1:30007/TCP is not served for this service: it belongs to the"
                + " service many/s7",
            "external IP 192.168.1.2:30007/TCP is not served for this service: it belongs to the"
                + " service many/s7");

    services.removeService(new ObjectKey("many", "s7"));

    assertThat(services.takeDirty()).containsExactlyInAnyOrder(WEB, new ObjectKey("many", "s7"));
    assertThat(problems(WEB)).isEmpty();
  }

  @Test
  void shouldReadAnewWhatIsHintedForZonesWhenTheNodesZoneChanges() {
    put(web());
    services.put(
        Given.slice(
            WEB,
            "web-a",
            target("", "TCP", 8080),
            zoned("10.96.0.4", "za"),
            zoned("10.96.1.4", "zb")));
    services.takeDirty();
    assertThat(endpoints()).containsExactly("10.96.0.4:8080");

    services.put(Given.node("n1", "192.168.1.1", "10.96.0.0/24", "zb", 10250));

    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(endpoints()).containsExactly("10.96.1.4:8080");
  }

  private static SliceInfo.Endpoint zoned(String address, String zone) {
    return new SliceInfo.Endpoint(
        address, "n9", SliceInfo.Condition.READY, new SliceInfo.Hints(List.of(zone), List.of()));
  }

  private List<String> endpoints() {
    return services
        .translate(WEB)
        .orElseThrow()
        .fact()
        .orElseThrow()
        .ports()
        .getFirst()
        .endpoints()
        .stream()
        .map(Object::toString)
        .toList();
  }
}
