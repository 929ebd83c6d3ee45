package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class ServiceLoadTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static List<String> addresses(String slice) throws Exception {
    JsonNode endpoints = JSON.readTree(slice).path("endpoints");
    return StreamSupport.stream(endpoints.spliterator(), false)
        .map(endpoint -> endpoint.path("addresses").path(0).asText())
        .toList();
  }

  @Test
  void manyServicesHaveTenEndpointsEachAndNoneTwice() throws Exception {
    ServiceLoad load = new ServiceLoad.Many(300);

    List<String> all = new java.util.ArrayList<>();
    for (String slice : load.slices()) {
      assertThat(addresses(slice)).hasSize(10);
      all.addAll(addresses(slice));
    }
    assertThat(all).hasSize(3000).doesNotHaveDuplicates();
    assertThat(load.services()).hasSize(300);
    assertThat(JSON.readTree(load.services().get(299)).at("/spec/clusterIP").asText())
        .isEqualTo(SyntheticServices.clusterIp(299));
  }

  @Test
  void aChangeIsOneEndpoint() throws Exception {
    for (ServiceLoad load : List.of(new ServiceLoad.Many(10), new ServiceLoad.One(250))) {
      List<String> before = addresses(load.changed(1, 1));
      List<String> after = addresses(load.changed(1, 2));

      assertThat(after).hasSameSizeAs(before);
      assertThat(after).filteredOn(before::contains).hasSize(before.size() - 1);
    }
  }

  @Test
  void oneServiceOfManyEndpointsHasSlicesOfAHundred() throws Exception {
    ServiceLoad load = new ServiceLoad.One(250);

    assertThat(load.services()).hasSize(1);
    assertThat(load.slices()).hasSize(3);
    assertThat(addresses(load.slices().get(0))).hasSize(100);
    assertThat(addresses(load.slices().get(2))).hasSize(50);
    assertThat(
            load.slices().stream()
                .map(slice -> slice.replaceAll(".*?\"name\":\"([^\"]*)\".*", "$1")))
        .doesNotHaveDuplicates();
  }

  @Test
  void theServicesThatGetTrafficAreStrewnAmongTheRest() {
    assertThat(new ServiceLoad.Many(10).served()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(new ServiceLoad.Many(10_000).served())
        .hasSize(200)
        .startsWith(0, 50, 100)
        .endsWith(9_950);
  }
}
