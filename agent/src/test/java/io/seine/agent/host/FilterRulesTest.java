package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.openflow.IpPrefix;
import io.seine.pipeline.LocalNode.Network;
import java.util.List;
import org.junit.jupiter.api.Test;

class FilterRulesTest {
  private static HostFacts facts(boolean masquerade, String... peers) {
    return facts(masquerade, List.of("10.10.1.0/24"), peers);
  }

  private static HostFacts facts(boolean masquerade, List<String> own, String... peers) {
    return new HostFacts(
        own.stream().map(IpPrefix::parse).map(Network::of).toList(),
        1450,
        List.of(peers).stream().map(IpPrefix::parse).toList(),
        List.of(),
        List.of(IpPrefix.parse("10.96.0.0/16")),
        masquerade);
  }

  @Test
  void bothTablesAreReplacedInOneTransaction() {
    assertThat(FilterRules.render(facts(true, "10.10.3.0/24", "10.10.2.0/24"), "gw0", 24033))
        .isEqualTo(
            """
            table inet seine {
            }
            delete table inet seine
            table inet seine {
            	set pods4 {
            		type ipv4_addr
            		flags interval
            		auto-merge
            		elements = { 10.10.2.0/24, 10.10.3.0/24, 10.10.1.0/24 }
            	}
            	set peers4 {
            		type ipv4_addr
            		flags interval
            		auto-merge
            		elements = { 10.10.2.0/24, 10.10.3.0/24 }
            	}
            	chain isolate {
            		type filter hook prerouting priority -400; policy accept;
            		meta iifgroup 24033 drop
            	}
            	chain postrouting {
            		type nat hook postrouting priority 100; policy accept;
            		ip saddr 169.254.0.253 oifname != "gw0" masquerade
            		ip saddr 10.10.1.0/24 ip daddr != @pods4 oifname != "gw0" masquerade
            		oifname "gw0" ip saddr != 10.10.1.1 ip daddr @peers4 fib saddr type local masquerade
            	}
            }
            table arp seine {
            }
            delete table arp seine
            table arp seine {
            	chain isolate {
            		type filter hook input priority 0; policy accept;
            		meta iifgroup 24033 drop
            	}
            }
            """);
  }

  @Test
  void withoutMasqueradeAndPeersPodsKeepTheirAddresses() {
    assertThat(FilterRules.render(facts(false), "gw0", 24033))
        .doesNotContain("ip saddr 10.10.1.0/24")
        .doesNotContain("ip saddr != 10.10.1.1")
        .contains("meta iifgroup 24033 drop");
  }

  @Test
  void eachFamilyThatPodsHaveGetsItsOwnSetsAndRules() {
    List<String> both = List.of("fd10:1::/64", "10.10.1.0/24");

    String rules =
        FilterRules.render(facts(true, both, "10.10.2.0/24", "fd10:2::/64"), "gw0", 24033);

    assertThat(rules)
        .contains(
            """
            	set pods6 {
            		type ipv6_addr
            		flags interval
            		auto-merge
            		elements = { fd10:2::/64, fd10:1::/64 }
            	}
            """)
        .contains("elements = { 10.10.2.0/24, 10.10.1.0/24 }")
        .contains(
            """
            		ip6 saddr fd00:5e1e::fd oifname != "gw0" masquerade
            		ip6 saddr fd10:1::/64 ip6 daddr != @pods6 oifname != "gw0" masquerade
            		oifname "gw0" ip6 saddr != fd10:1::1 ip6 daddr @peers6 fib saddr type local masquerade
            		ip saddr 169.254.0.253 oifname != "gw0" masquerade
            """);
    assertThat(FilterRules.render(facts(true, List.of("fd10:1::/64")), "gw0", 24033))
        .doesNotContain("ip saddr")
        .doesNotContain("pods4");
  }
}
