package io.seine.agent.service;

import static io.seine.agent.service.Given.port;
import static io.seine.agent.service.Given.service;
import static io.seine.agent.service.Given.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ServiceInfo;
import io.seine.agent.kube.SliceInfo;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServicesTest {
  private static final ObjectKey WEB = new ObjectKey("shop", "web");
  private static final Ip STAND_IN = Ip.parse("169.254.128.1");

  private final Services services =
      new Services(Given.DUAL, Given.DEFAULTS, List.of(), external -> Optional.of(STAND_IN));

  private static ServiceInfo web(ServiceInfo.Port... ports) {
    return service(WEB, "2026-01-01T00:00:00Z", "100.64.0.9", ports);
  }

  private static SliceInfo slice(String name, List<SliceInfo.Port> ports, String... addresses) {
    return Given.slice(WEB, name, ports, addresses);
  }

  private ServiceFact fact() {
    return services.translate(WEB).orElseThrow().fact().orElseThrow();
  }

  private List<String> endpoints(int port) {
    return fact().ports().get(port).endpoints().stream().map(Object::toString).toList();
  }

  @Test
  void shouldMergeTheSlicesOfAServiceAndCountEachEndpointOnce() {
    services.put(web(port("http", "TCP", 80)));
    services.put(slice("web-a", target("http", "TCP", 8080), "10.96.0.5", "10.96.0.4"));
    services.put(slice("web-b", target("http", "TCP", 8080), "10.96.0.4", "10.96.4.4"));

    assertThat(endpoints(0)).containsExactly("10.96.0.4:8080", "10.96.0.5:8080", "10.96.4.4:8080");
    assertThat(fact().ports().getFirst().frontends())
        .extracting(ServiceFact.Frontend::address)
        .containsExactly(Ip.parse("100.64.0.9"));
  }

  @Test
  void shouldUseAsManyEndpointsAsAGroupHolds() {
    // given one endpoint more than that, in no order
    List<String> addresses = new ArrayList<>();
    for (int i = ServiceFact.MAX_ENDPOINTS; i >= 0; i--) {
      addresses.add("10.96.%d.%d".formatted(i / 250, i % 250 + 1));
    }
    services.put(web(port("http", "TCP", 80)));
    services.put(slice("web-a", target("http", "TCP", 8080), addresses.toArray(String[]::new)));

    // then the last by address is left out, and the service's owner is told
    assertThat(endpoints(0))
        .hasSize(ServiceFact.MAX_ENDPOINTS)
        .doesNotContain(addresses.getFirst() + ":8080");
    assertThat(services.translate(WEB).orElseThrow().problems())
        .extracting(Problem::reason)
        .containsExactly("TooManyEndpoints");
  }

  @Test
  void shouldResolveNamedPortsSliceBySlice() {
    // given pods of two versions, in which the port of one name has two numbers
    services.put(web(port("http", "TCP", 80), port("dns", "UDP", 53), port("dns-tcp", "TCP", 53)));
    services.put(slice("web-a", target("http", "TCP", 8080), "10.96.0.4"));
    services.put(slice("web-b", target("http", "TCP", 9090), "10.96.0.5"));
    services.put(slice("web-c", target("dns", "UDP", 5353), "10.96.0.6"));
    services.put(slice("web-d", target("dns", "TCP", 5353), "10.96.0.7"));

    assertThat(endpoints(0)).containsExactly("10.96.0.4:8080", "10.96.0.5:9090");
    assertThat(endpoints(1)).containsExactly("10.96.0.6:5353");
    assertThat(endpoints(2)).as("none is named so").isEmpty();
  }

  @Test
  void shouldServeAServiceWithoutSlicesSoThatItCanRefuse() {
    services.put(web(port("", "SCTP", 80)));

    assertThat(fact().ports())
        .singleElement()
        .satisfies(p -> {
          assertThat(p.protocol()).isEqualTo(ServiceFact.Protocol.SCTP);
          assertThat(p.endpoints()).isEmpty();
        });
  }

  @Test
  void shouldSayWhichServicesAChangeConcerns() {
    services.put(slice("web-a", target("", "TCP", 8080), "10.96.0.4"));
    assertThat(services.takeDirty()).containsExactly(WEB);

    // when the same is put again, nothing is concerned
    services.put(slice("web-a", target("", "TCP", 8080), "10.96.0.4"));
    assertThat(services.takeDirty()).isEmpty();

    services.put(web(port("", "TCP", 80)));
    services.put(web(port("", "TCP", 80)));
    assertThat(services.takeDirty()).containsExactly(WEB);

    services.removeSlice(new ObjectKey("shop", "web-a"));
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(endpoints(0)).isEmpty();

    services.removeService(WEB);
    assertThat(services.takeDirty()).containsExactly(WEB);
    assertThat(services.translate(WEB)).isEmpty();
  }

  @Test
  void shouldFollowASliceToAnotherService() {
    services.put(web(port("", "TCP", 80)));
    services.put(slice("web-a", target("", "TCP", 8080), "10.96.0.4"));
    services.takeDirty();
    ObjectKey other = new ObjectKey("shop", "other");

    services.put(Given.slice(other, "web-a", target("", "TCP", 8080), "10.96.0.4"));

    assertThat(services.takeDirty()).containsExactly(WEB, other);
    assertThat(endpoints(0)).isEmpty();
  }

  @Test
  void shouldLeaveAnAddressToTheOlderOfTwoServices() {
    ObjectKey late = new ObjectKey("a", "late");
    services.put(service(late, "2026-02-01T00:00:00Z", "100.64.0.9", port("", "TCP", 80)));
    services.put(web(port("", "TCP", 80)));

    // then the older is served, though it came second
    assertThat(services.takeDirty()).containsExactly(late, WEB);
    assertThat(fact().ports()).hasSize(1);
    Translation refused = services.translate(late).orElseThrow();
    assertThat(refused.fact()).isEmpty();
    assertThat(refused.problems())
        .singleElement()
        .satisfies(p -> {
          assertThat(p.reason()).isEqualTo("ClusterIPConflict");
          assertThat(p.object().key()).isEqualTo(late);
          assertThat(p.message()).contains("100.64.0.9:80/TCP").contains("shop/web");
        });

    // when the older goes, the other is concerned and served
    services.removeService(WEB);
    assertThat(services.takeDirty()).contains(late);
    assertThat(services.translate(late).orElseThrow().fact()).isPresent();
  }

  @Test
  void shouldLeaveOutWhatIsWrongAndServeTheRest() {
    services.put(
        service(
            WEB,
            "",
            List.of("100.64.0.9", "fd00:64::9", "127.0.0.1", "100.064.0.1"),
            port("http", "TCP", 80),
            port("x", "DCCP", 81),
            port("y", "TCP", 0)));
    services.put(
        slice("web-a", target("http", "TCP", 8080), "10.96.0.4", "169.254.169.254", "nonsense"));
    services.put(slice("web-b", target("http", "TCP", 0), "10.96.0.4"));

    Translation translation = services.translate(WEB).orElseThrow();

    assertThat(translation.fact().orElseThrow().ports())
        .extracting(ServiceFact.Port::family)
        .containsExactly(Family.IPV4, Family.IPV6);
    assertThat(endpoints(0)).containsExactly("10.96.0.4:8080");
    assertThat(translation.problems())
        .extracting(Problem::reason)
        .containsExactly(
            "InvalidClusterIP",
            "InvalidClusterIP",
            "InvalidEndpoint",
            "InvalidEndpoint",
            "InvalidEndpoint",
            "InvalidServicePort",
            "InvalidServicePort");
  }
}
