package io.seine.agent.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.agent.kube.SliceInfo.Condition;
import io.seine.agent.kube.SliceInfo.Hints;
import io.seine.openflow.Ipv4;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Endpoints are written {@code NAME@NODE:STATE>HINT+HINT}: the state is r (ready), d (draining) or
 * u (unused), a hint is a node ({@code n1}) or a zone ({@code za}). This node is n1 in zone za.
 */
class EndpointChoiceTest {
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          none at all                         |                                |       |
          all that are ready                  | a@n1:r b@n2:r c@n2:u d@n3:d    | a b   | a
          draining where none is ready        | a@n1:d b@n2:d c@n2:u           | a b   | a
          draining here, ready elsewhere      | a@n1:d b@n2:r                  | b     | a
          ready here, draining elsewhere      | a@n1:r b@n2:d                  | a     | a
          ready beats draining here           | a@n1:r b@n1:d c@n2:r           | a c   | a
          none usable                         | a@n1:u b@n2:u                  |       |
          node unknown is nobody's own        | a@:r b@n2:r                    | a b   |
          zone hints                          | a@n1:r>za b@n2:r>zb c@n2:r>za  | a c   | a
          several zones in one hint           | a@n2:r>za+zb b@n3:r>zb         | a     |
          a ready one without a hint          | a@n1:r>za b@n2:r               | a b   | a
          no hint for this zone               | a@n2:r>zb b@n3:r>zc            | a b   |
          only unready ones lack hints        | a@n1:r>za b@n2:u c@n2:d d@n2:r>zb | a  | a
          zone hints do not limit local       | a@n1:r>zb b@n2:r>za            | b     | a
          hints do not limit draining         | a@n2:d>zb b@n3:d>zb            | a b   |
          node hints                          | a@n1:r>n1+za b@n2:r>n2+za      | a     | a
          no endpoint for the node: its zone  | a@n2:r>n2+za b@n3:r>n3+zb      | a     |
          neither node nor zone: all          | a@n2:r>n2+zb b@n3:r>n3+zc      | a b   |
          one without a node hint: the zone   | a@n1:r>n1+za b@n2:r>za c@n3:r>zb | a b | a
          node hints without zone hints       | a@n2:r>n2 b@n3:r>n3            | a b   |
          unready one hinted for the node     | a@n1:u>n1+za b@n2:r>n2+za      | b     |
          twice the same                      | a@n1:r a@n1:r                  | a     | a
          old and new state of one            | a@n1:u a@n1:r                  | a     | a
          new and old state of one            | a@n1:r a@n1:u                  | a     | a
          one slice does not know the node    | a@:r a@n1:r                    | a     | a
          """)
  void shouldChooseAsKubeProxyDoes(String name, String given, String cluster, String local) {
    EndpointChoice choice = EndpointChoice.of(candidates(given), "n1", "za");

    assertThat(names(choice.cluster())).as("cluster").isEqualTo(cluster == null ? "" : cluster);
    assertThat(names(choice.local())).as("local").isEqualTo(local == null ? "" : local);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          all have hints      | a@n1:r>za b@n2:r>zb | a b
          for the nodes too   | a@n2:r>n2+za b@n3:r>n3+zb | a b
          this node's hint    | a@n1:r>n1+za b@n3:r>n3+zb | a
          """)
  void shouldIgnoreZonesOnANodeWithoutOne(String name, String given, String cluster) {
    EndpointChoice choice = EndpointChoice.of(candidates(given), "n1", "");

    assertThat(names(choice.cluster())).isEqualTo(cluster);
  }

  private static List<EndpointChoice.Candidate> candidates(String given) {
    List<EndpointChoice.Candidate> all = new ArrayList<>();
    for (String text : given == null ? new String[0] : given.split(" ", -1)) {
      String[] hinted = text.split(">", -1);
      String[] parts = hinted[0].split("[@:]", -1);
      List<String> hints = hinted.length == 1 ? List.of() : List.of(hinted[1].split("\\+", -1));
      all.add(
          new EndpointChoice.Candidate(
              new Endpoint(Ipv4.parse("10.96.0." + (NAMES.indexOf(parts[0]) + 10)), 80),
              parts[1].equals("n1"),
              Arrays.stream(Condition.values())
                  .filter(c -> c.name().toLowerCase(java.util.Locale.ROOT).startsWith(parts[2]))
                  .findFirst()
                  .orElseThrow(),
              new Hints(
                  hints.stream().filter(h -> h.startsWith("z")).toList(),
                  hints.stream().filter(h -> h.startsWith("n")).toList())));
    }
    return all;
  }

  private static String names(List<Endpoint> endpoints) {
    return String.join(
        " ",
        endpoints.stream()
            .map(e -> e.address().toString())
            .map(a -> NAMES.get(Integer.parseInt(a.substring(a.lastIndexOf('.') + 1)) - 10))
            .toList());
  }
}
