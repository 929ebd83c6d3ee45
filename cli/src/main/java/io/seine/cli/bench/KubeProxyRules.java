package io.seine.cli.bench;

import java.util.List;

/**
 * Services as kube-proxy's nftables mode lays them out, as input of {@code nft -f}: one verdict map
 * of all service addresses, a chain for each service that draws an endpoint, a chain for each
 * endpoint that translates. After Kubernetes' KEP-3866 and the description of kube-proxy's nftables
 * implementation; what cluster IPs alone do not need is left out (firewall, node ports), the checks
 * that every new connection passes are there.
 */
final class KubeProxyRules {
  private static final String TABLE = "ip kube-proxy";
  private static final String MASQUERADE_MARK = "0x4000";
  private final String podCidr;

  /**
   * @param podCidr the whole pod network: what comes from elsewhere gets the node's address
   */
  KubeProxyRules(String podCidr) {
    this.podCidr = podCidr;
  }

  /**
   * One service on TCP.
   *
   * @param name namespace and name, with a slash between
   * @param address its cluster IP
   */
  record Service(String name, String address, int port, List<Endpoint> endpoints) {
    Service {
      endpoints = List.copyOf(endpoints);
    }

    private String chain() {
      return "service-" + name + "/tcp/" + port;
    }
  }

  /** Where a connection can go. */
  record Endpoint(String address, int port) {}

  /** The table with all that does not depend on services. */
  String base() {
    return """
    table %1$s {
      set cluster-ips { type ipv4_addr; }
      map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; }
      map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; }
      chain mark-for-masquerade { meta mark set meta mark | %2$s; }
      chain masquerading {
        meta mark & %2$s == 0 return
        meta mark set meta mark ^ %2$s
        masquerade fully-random
      }
      chain reject-chain { reject; }
      chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
      chain service-endpoints-check {
        ip daddr . meta l4proto . th dport vmap @no-endpoint-services
      }
      chain cluster-ips-check { ip daddr @cluster-ips reject; }
      chain filter-forward {
        type filter hook forward priority -110; policy accept;
        ct state new jump service-endpoints-check
        ct state new jump cluster-ips-check
      }
      chain filter-output {
        type filter hook output priority -110; policy accept;
        ct state new jump service-endpoints-check
      }
      chain nat-prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        jump services
      }
      chain nat-output {
        type nat hook output priority -100; policy accept;
        jump services
      }
      chain nat-postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        jump masquerading
      }
    }
    """
        .formatted(TABLE, MASQUERADE_MARK);
  }

  /** A new service. */
  String added(Service service) {
    StringBuilder text = new StringBuilder();
    service.endpoints().forEach(endpoint -> endpoint(text, service, endpoint));
    line(text, "add chain %s %s".formatted(TABLE, service.chain()));
    body(text, service);
    line(text, "add element %s cluster-ips { %s }".formatted(TABLE, service.address()));
    line(
        text,
        "add element %s service-ips { %s . tcp . %d : goto %s }"
            .formatted(TABLE, service.address(), service.port(), service.chain()));
    return text.toString();
  }

  /** A service with other endpoints than before, in one transaction. */
  String changed(Service before, Service after) {
    StringBuilder text = new StringBuilder();
    after.endpoints().stream()
        .filter(endpoint -> !before.endpoints().contains(endpoint))
        .forEach(endpoint -> endpoint(text, after, endpoint));
    line(text, "flush chain %s %s".formatted(TABLE, after.chain()));
    body(text, after);
    before.endpoints().stream()
        .filter(endpoint -> !after.endpoints().contains(endpoint))
        .forEach(endpoint -> {
          line(text, "flush chain %s %s".formatted(TABLE, chain(before, endpoint)));
          line(text, "delete chain %s %s".formatted(TABLE, chain(before, endpoint)));
        });
    return text.toString();
  }

  private static void endpoint(StringBuilder text, Service service, Endpoint endpoint) {
    String chain = chain(service, endpoint);
    line(text, "add chain %s %s".formatted(TABLE, chain));
    line(
        text,
        "add rule %s %s ip saddr %s jump mark-for-masquerade"
            .formatted(TABLE, chain, endpoint.address()));
    line(
        text,
        "add rule %s %s meta l4proto tcp dnat to %s:%d"
            .formatted(TABLE, chain, endpoint.address(), endpoint.port()));
  }

  private void body(StringBuilder text, Service service) {
    line(
        text,
        "add rule %s %s ip daddr %s tcp dport %d ip saddr != %s jump mark-for-masquerade"
            .formatted(TABLE, service.chain(), service.address(), service.port(), podCidr));
    StringBuilder choices = new StringBuilder();
    for (int i = 0; i < service.endpoints().size(); i++) {
      choices.append(i == 0 ? "" : ", ").append(i).append(" : goto ");
      choices.append(chain(service, service.endpoints().get(i)));
    }
    line(
        text,
        "add rule %s %s numgen random mod %d vmap { %s }"
            .formatted(TABLE, service.chain(), service.endpoints().size(), choices));
  }

  private static String chain(Service service, Endpoint endpoint) {
    return "endpoint-%s/tcp/%d__%s/%d"
        .formatted(service.name(), service.port(), endpoint.address(), endpoint.port());
  }

  private static void line(StringBuilder text, String line) {
    text.append(line).append('\n');
  }
}
