package io.seine.pipeline.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.pipeline.Owner;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ListingTest {
  private static final Owner A = ExampleCluster.A.owner();
  private static final Owner FRONT = ExampleCluster.FRONT.owner();

  private static String listing(Set<Owner> asked, String... tables) {
    return String.join(
        "\n",
        new Listing(false, asked)
            .of(
                ExampleCluster.explained().stream()
                    .filter(f -> asked.stream().allMatch(f::concerns))
                    .filter(f -> tables.length == 0 || List.of(tables).contains(f.table()))
                    .toList()));
  }

  @Test
  void aServiceComesWithItsEndpointsAndTheirWeights() {
    assertThat(listing(Set.of(FRONT)))
        .isEqualTo(
            """

            ServiceLB (17)
              200  service/web/front:80/tcp → 3 endpoints
                     tcp,tp_dst=80, nw_dst=the service (10.100.0.7) ⇒ one of 3 endpoints (group 3510239324)
                        33.6 %  pod/web/a (10.0.1.2:8080)
                        33.2 %  pod/web/b (10.0.1.3:8080)
                        33.2 %  pod/web/c (10.0.2.9:8080)\
            """);
  }

  @Test
  void aPodComesWithAllThatItsPacketsMeet() {
    assertThat(listing(Set.of(A), "Classifier", "ArpGuard", "SourceGuard", "ServiceLB", "Delivery"))
        .isEqualTo(
            """

            Classifier (0)
              200  what comes from pod/web/a
                     arp, from the pod ⇒ source:=pod, → ArpGuard
              200  what comes from pod/web/a
                     ip, from the pod ⇒ source:=pod, → SourceGuard

            ArpGuard (1)
              210  no answer to announcements of pod/web/a
                     arp, from the pod, arp_tpa=the pod (10.0.1.2) ⇒ drop
              200  true requests of pod/web/a
                     arp,arp_op=1, from the pod, eth_src=the pod, arp_spa=the pod (10.0.1.2), arp_sha=the pod → ArpResponder

            SourceGuard (5)
              200  pod/web/a sends as itself
                     ip, from the pod, eth_src=the pod, nw_src=the pod (10.0.1.2) → UnSnat

            ServiceLB (17)
              200  service/web/front:80/tcp → 3 endpoints
                     tcp,tp_dst=80, nw_dst=the service (10.100.0.7) ⇒ one of 3 endpoints (group 3510239324)
                        33.6 %  pod/web/a (10.0.1.2:8080)
                       and 2 others

            Delivery (40)
              210  deliver to pod/web/a
                     from the pod, eth_dst=the pod, destination=pod ⇒ hairpin:=yes, outputPort:=the pod, → IngressPolicy
              200  deliver to pod/web/a
                     eth_dst=the pod, destination=pod ⇒ outputPort:=the pod, → IngressPolicy\
            """);
  }

  @Test
  void foldedFlowsSayHowManyTheyAreAndAddUp() {
    List<ExplainedFlow> guard =
        Explainer.fold(
            ExampleCluster.explained().stream()
                .filter(f -> f.table().equals("SourceGuard"))
                .toList());
    assertThat(String.join("\n", new Listing(true, Set.of()).of(guard)))
        .isEqualTo(
            """

            SourceGuard (5)
              200  gateway sends as itself  [3 packets, 300 bytes, 9 s old]
                     ip, from gateway → UnSnat
              200  node/n2 sends as itself  [3 packets, 300 bytes, 9 s old]
                     ip, from tunnel, nw_src=pods of the node (10.0.2.0/24), tun_src=the node (192.0.2.2) → UnSnat
              200  pod/web/a sends as itself  ( x2 )  [6 packets, 600 bytes, 9 s old]
                     ip, from the pod, eth_src=the pod, nw_src=the pod (10.0.1.2) → UnSnat
                0  anything else is dropped  [3 packets, 300 bytes, 9 s old]
                     anything ⇒ drop\
            """);
  }
}
