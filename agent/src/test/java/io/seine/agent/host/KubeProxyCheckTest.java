package io.seine.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeProxyCheckTest {
  private static HttpServer answering(String mode) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/proxyMode",
        exchange -> {
          byte[] body = mode.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static URI place(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/proxyMode");
  }

  @ParameterizedTest
  @ValueSource(strings = {"iptables", "ipvs", "nftables"})
  void kubeProxyIsKnownByItsMode(String mode) throws Exception {
    HttpServer server = answering(mode);
    try {
      assertThat(KubeProxyCheck.running(List.of(place(server))).orElseThrow())
          .contains("kube-proxy runs on this node")
          .contains("answers '" + mode + "'")
          .contains("kubectl -n kube-system delete daemonset kube-proxy");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void anotherServerAtThatPortIsNoKubeProxy() throws Exception {
    HttpServer server = answering("<html>not found</html>");
    URI place = place(server);
    try {
      assertThat(KubeProxyCheck.running(List.of(place))).isEmpty();
    } finally {
      server.stop(0);
    }
    assertThat(KubeProxyCheck.running(List.of(place))).isEmpty();
  }

  @Test
  void chainsOfEachOfItsModesAreRecognised() throws Exception {
    assertThat(
            KubeProxyCheck.leftOverChains(
                new ObjectMapper()
                    .readTree(
                        """
                        {"nftables": [{"metainfo": {}},
                          {"chain": {"family": "ip", "table": "nat", "name": "KUBE-SERVICES"}},
                          {"chain": {"family": "ip6", "table": "nat", "name": "KUBE-SERVICES"}},
                          {"chain": {"family": "ip", "table": "nat", "name": "KUBE-MARK-MASQ"}},
                          {"chain": {"family": "ip", "table": "kube-proxy", "name": "services"}},
                          {"chain": {"family": "ip", "table": "kube-proxy", "name": "nat-output"}},
                          {"chain": {"family": "inet", "table": "seine", "name": "isolate"}}]}
                        """)))
        .containsExactly(
            "iptables chain KUBE-SERVICES in table nat",
            "ip6tables chain KUBE-SERVICES in table nat",
            "nftables table ip kube-proxy");
  }
}
