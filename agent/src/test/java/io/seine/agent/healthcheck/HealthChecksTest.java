package io.seine.agent.healthcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.seine.agent.events.Events;
import io.seine.agent.events.Problem;
import io.seine.agent.kube.ObjectKey;
import io.seine.agent.kube.ObjectRef;
import io.seine.openflow.Ip;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthChecksTest {
  private static final Ip HERE = Ip.parse("127.0.0.1");
  private static final Ip NOWHERE = Ip.parse("192.0.2.1");
  private static final ObjectRef WEB = service("web");

  private final AtomicBoolean healthy = new AtomicBoolean(true);
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final HealthChecks checks =
      new HealthChecks("n1", List.of(NOWHERE, HERE), healthy::get, new Warnings());
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final class Warnings implements Events {
    @Override
    public void normal(ObjectRef object, String reason, String message) {}

    @Override
    public void warning(ObjectRef object, String reason, String message) {
      warnings.add(object.key() + " " + reason);
    }
  }

  @AfterEach
  void close() {
    checks.close();
    client.close();
  }

  private static ObjectRef service(String name) {
    return new ObjectRef("v1", "Service", new ObjectKey("shop", name), "u");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      return socket.getLocalPort();
    }
  }

  private HttpResponse<String> ask(int port, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(5))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void shouldFollowTheNodesAddresses() throws Exception {
    int port = freePort();
    checks.addresses(List.of(NOWHERE));
    checks.put(WEB, port, 1);
    assertThat(checks.open()).isZero();

    checks.addresses(List.of(HERE));

    assertThat(ask(port, "/").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldAnswerAsKubeProxyDoes() throws Exception {
    int port = freePort();
    checks.put(WEB, port, 2);

    HttpResponse<String> two = ask(port, "/any/path");
    assertThat(two.statusCode()).isEqualTo(200);
    assertThat(two.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(two.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(two.headers().firstValue("X-Load-Balancing-Endpoint-Weight")).contains("2");
    assertThat(two.body())
        .isEqualTo(
            """
            {
            	"service": {
            		"namespace": "shop",
            		"name": "web"
            	},
            	"localEndpoints": 2,
            	"serviceProxyHealthy": true
            }\
            """);

    // when the last endpoint goes, on the same port
    checks.put(WEB, port, 0);
    HttpResponse<String> none = ask(port, "/");
    assertThat(none.statusCode()).isEqualTo(503);
    assertThat(none.headers().firstValue("X-Load-Balancing-Endpoint-Weight")).contains("0");
    assertThat(none.body()).contains("\"localEndpoints\": 0");

    // when there is one again, but the node does not serve
    checks.put(WEB, port, 1);
    healthy.set(false);
    HttpResponse<String> ill = ask(port, "/");
    assertThat(ill.statusCode()).isEqualTo(503);
    assertThat(ill.body()).contains("\"serviceProxyHealthy\": false");
  }

  @Test
  void shouldAnswerHeadWithoutABodyAndPassOverNonsense() throws Exception {
    int port = freePort();
    checks.put(WEB, port, 1);

    assertThat(raw(port, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
    assertThat(raw(port, "x".repeat(20_000))).isEmpty();
  }

  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      socket.setSoTimeout(10_000);
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      } catch (java.net.SocketException e) {
        return ""; // reset, since not all of the request was read
      }
    }
  }

  @Test
  void shouldCloseThePortOfAServiceThatGoesOrGetsAnother() throws Exception {
    int port = freePort();
    checks.put(WEB, port, 1);
    int other = freePort();

    checks.put(WEB, other, 1);
    assertThatThrownBy(() -> ask(port, "/")).isInstanceOf(IOException.class);
    assertThat(ask(other, "/").statusCode()).isEqualTo(200);

    checks.remove(WEB.key());
    assertThatThrownBy(() -> ask(other, "/")).isInstanceOf(IOException.class);
    assertThat(checks.open()).isZero();
  }

  @Test
  void shouldTellOnceOfAPortThatIsTakenAndOpenItWhenItIsFree() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket()) {
      taken.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      port = taken.getLocalPort();
      checks.put(WEB, port, 1);
      checks.retry();

      assertThat(warnings).containsExactly("shop/web FailedToStartServiceHealthcheck");
      assertThat(checks.problems())
          .extracting(Problem::message)
          .singleElement()
          .asString()
          .contains("node n1", "127.0.0.1 port " + port);
    }

    // when the port is free
    checks.retry();

    assertThat(ask(port, "/").statusCode()).isEqualTo(200);
    assertThat(checks.problems()).isEmpty();
    assertThat(checks.open()).isEqualTo(1);
  }
}
