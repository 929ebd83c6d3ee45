package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Policy;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DiversionRulesTest {
  private static final Element OWN = new Element.Own(Ip.parse("192.0.2.1"));
  private static final Element NODE_PORT = new Diversion.NodePort(Family.IPV6, Protocol.UDP, 30053);
  private static final Element EXTERNAL =
      new Diversion.External(Ip.parse("203.0.113.7"), Protocol.TCP, 80, Ip.parse("169.254.64.9"));

  private final DiversionRules rules = new DiversionRules("gw0");

  @Test
  void theTableIsMadeAnewInOneTransaction() {
    assertThat(rules.anew(List.of(OWN)))
        .isEqualTo(
            """
            table inet seine-services {
            }
            delete table inet seine-services
            table inet seine-services {
            	map external4 {
            		type ipv4_addr . inet_proto . inet_service : ipv4_addr
            	}
            	map external6 {
            		type ipv6_addr . inet_proto . inet_service : ipv6_addr
            	}
            	set own4 {
            		type ipv4_addr
            	}
            	set own6 {
            		type ipv6_addr
            	}
            	set nodeports4 {
            		type inet_proto . inet_service
            	}
            	set nodeports6 {
            		type inet_proto . inet_service
            	}
            	chain divert {
            		meta l4proto != { tcp, udp, sctp } return
            		dnat ip to ip daddr . meta l4proto . th dport map @external4
            		dnat ip6 to ip6 daddr . meta l4proto . th dport map @external6
            		ip daddr @own4 meta l4proto . th dport @nodeports4 dnat ip to 169.254.0.252
            		ip6 daddr @own6 meta l4proto . th dport @nodeports6 dnat ip6 to fd00:5e1e::fc
            	}
            	chain prerouting {
            		type nat hook prerouting priority dstnat; policy accept;
            		iifname != "gw0" jump divert
            	}
            	chain output {
            		type nat hook output priority -100; policy accept;
            		jump divert
            	}
            }
            add element inet seine-services own4 { 192.0.2.1 }
            """);
  }

  @Test
  void aChangeNamesWhatChangedOnly() {
    assertThat(rules.change(List.of(EXTERNAL), List.of(NODE_PORT, OWN)))
        .isEqualTo(
            """
            delete element inet seine-services external4 { 203.0.113.7 . tcp . 80 }
            add element inet seine-services nodeports6 { udp . 30053 }
            add element inet seine-services own4 { 192.0.2.1 }
            """);
    assertThat(rules.change(List.of(), List.of(EXTERNAL)))
        .isEqualTo(
            "add element inet seine-services external4 { 203.0.113.7 . tcp . 80 : 169.254.64.9 }\n");
  }

  @Test
  void whatTheKernelHasIsRead() throws Exception {
    DiversionTable table =
        DiversionTable.parse(
            new ObjectMapper()
                .readTree(
                    """
                    {"nftables": [
                      {"metainfo": {"version": "1.0.6"}},
                      {"table": {"family": "inet", "name": "seine-services", "handle": 2}},
                      {"map": {"name": "external4", "handle": 4, "map": "ipv4_addr", "elem":
                        [[{"concat": ["203.0.113.7", "tcp", 80]}, "169.254.64.9"]]}},
                      {"set": {"name": "own4", "handle": 6, "elem": ["192.0.2.1"]}},
                      {"set": {"name": "nodeports6", "handle": 9, "elem":
                        [{"concat": ["udp", 30053]}]}},
                      {"rule": {"chain": "output", "handle": 17, "expr": []}}]}
                    """));

    assertThat(table.elements().values()).containsExactlyInAnyOrder(OWN, NODE_PORT, EXTERNAL);
    assertThat(table.rules()).hasSize(4);
    assertThat(table.rules().toString()).doesNotContain("handle").doesNotContain("elem");
  }

  @Test
  void anElementThatSeineDoesNotMakeIsNoticed() {
    assertThatThrownBy(() ->
            DiversionTable.parse(
                new ObjectMapper()
                    .readTree(
                        """
                        {"nftables": [{"set": {"name": "nodeports4", "elem":
                          [{"concat": ["icmp", 1]}]}}]}
                        """)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aServiceNeedsItsNodePortsAndWhatHasAStandIn() {
    List<Frontend> frontends =
        List.of(
            Frontend.clusterIp(Ip.parse("10.96.0.10"), 80, Policy.CLUSTER),
            frontend(Kind.NODE_PORT, "169.254.0.252", 30080, Optional.empty()),
            frontend(Kind.LOAD_BALANCER, "203.0.113.7", 80, Optional.of(Ip.parse("169.254.64.9"))));
    ServiceFact service =
        new ServiceFact(
            "shop",
            "web",
            List.of(
                new ServiceFact.Port(
                    "http",
                    Protocol.TCP,
                    Family.IPV4,
                    80,
                    frontends,
                    List.of(),
                    List.of(),
                    OptionalInt.empty())));

    assertThat(Diversion.of(service))
        .containsExactlyInAnyOrder(
            new Diversion.NodePort(Family.IPV4, Protocol.TCP, 30080), (Diversion) EXTERNAL);
  }

  private static Frontend frontend(Kind kind, String address, int port, Optional<Ip> standIn) {
    return new Frontend(
        kind, Ip.parse(address), port, standIn, Policy.CLUSTER, Policy.CLUSTER, List.of());
  }
}
