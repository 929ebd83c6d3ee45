package io.seine.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.seine.cli.bench.KubeProxyRules.Endpoint;
import io.seine.cli.bench.KubeProxyRules.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class KubeProxyRulesTest {
  private static final Endpoint A = new Endpoint("10.128.0.2", 8080);
  private static final Endpoint B = new Endpoint("10.128.0.3", 8080);
  private static final Endpoint C = new Endpoint("10.128.1.4", 8080);
  private final KubeProxyRules rules = new KubeProxyRules("10.128.0.0/10");

  private static Service service(Endpoint... endpoints) {
    return new Service("shop/cart", "10.96.0.10", 80, List.of(endpoints));
  }

  @Test
  void aServiceIsAnElementOfTheMapAndAChainThatDrawsAnEndpointsChain() {
    assertThat(rules.added(service(A, B)).lines())
        .containsExactly(
            "add chain ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.2/8080",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.2/8080"
                + " ip saddr 10.128.0.2 jump mark-for-masquerade",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.2/8080"
                + " meta l4proto tcp dnat to 10.128.0.2:8080",
            "add chain ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.3/8080",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.3/8080"
                + " ip saddr 10.128.0.3 jump mark-for-masquerade",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.3/8080"
                + " meta l4proto tcp dnat to 10.128.0.3:8080",
            "add chain ip kube-proxy service-shop/cart/tcp/80",
            "add rule ip kube-proxy service-shop/cart/tcp/80"
                + " ip daddr 10.96.0.10 tcp dport 80 ip saddr != 10.128.0.0/10"
                + " jump mark-for-masquerade",
            "add rule ip kube-proxy service-shop/cart/tcp/80 numgen random mod 2 vmap {"
                + " 0 : goto endpoint-shop/cart/tcp/80__10.128.0.2/8080,"
                + " 1 : goto endpoint-shop/cart/tcp/80__10.128.0.3/8080 }",
            "add element ip kube-proxy cluster-ips { 10.96.0.10 }",
            "add element ip kube-proxy service-ips"
                + " { 10.96.0.10 . tcp . 80 : goto service-shop/cart/tcp/80 }");
  }

  @Test
  void aChangeMakesTheNewChainRewritesTheServicesAndRemovesTheOldOne() {
    assertThat(rules.changed(service(A, B), service(A, C)).lines())
        .containsExactly(
            "add chain ip kube-proxy endpoint-shop/cart/tcp/80__10.128.1.4/8080",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.1.4/8080"
                + " ip saddr 10.128.1.4 jump mark-for-masquerade",
            "add rule ip kube-proxy endpoint-shop/cart/tcp/80__10.128.1.4/8080"
                + " meta l4proto tcp dnat to 10.128.1.4:8080",
            "flush chain ip kube-proxy service-shop/cart/tcp/80",
            "add rule ip kube-proxy service-shop/cart/tcp/80"
                + " ip daddr 10.96.0.10 tcp dport 80 ip saddr != 10.128.0.0/10"
                + " jump mark-for-masquerade",
            "add rule ip kube-proxy service-shop/cart/tcp/80 numgen random mod 2 vmap {"
                + " 0 : goto endpoint-shop/cart/tcp/80__10.128.0.2/8080,"
                + " 1 : goto endpoint-shop/cart/tcp/80__10.128.1.4/8080 }",
            "flush chain ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.3/8080",
            "delete chain ip kube-proxy endpoint-shop/cart/tcp/80__10.128.0.3/8080");
  }

  @Test
  void everyConnectionPassesTheMapOnceOnEitherWayIn() {
    assertThat(rules.base())
        .contains("ip daddr . meta l4proto . th dport vmap @service-ips")
        .containsOnlyOnce("type nat hook prerouting priority dstnat")
        .containsOnlyOnce("type nat hook output priority -100")
        .containsOnlyOnce("type nat hook postrouting priority srcnat");
  }
}
