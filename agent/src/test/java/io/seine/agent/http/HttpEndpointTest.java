package io.seine.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {
  private final HttpEndpoint endpoint = start();
  private final HttpClient client = HttpClient.newHttpClient();

  private static HttpEndpoint start() {
    try {
      return HttpEndpoint.start("127.0.0.1", 0);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void servePages() {
    endpoint.serve("/readyz", () -> HttpEndpoint.Page.text(503, "not yet\n"));
    endpoint.serve(
        "/broken",
        () -> {
          throw new IllegalStateException("a defect");
        });
  }

  @AfterEach
  void stop() {
    client.close();
    endpoint.close();
  }

  private HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + endpoint.port() + path);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody()).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void shouldServeExactlyItsPages() throws Exception {
    assertThat(send("GET", "/readyz").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/readyz").body()).isEqualTo("not yet\n");
    assertThat(send("HEAD", "/readyz").statusCode()).isEqualTo(503);
    assertThat(send("GET", "/readyz/more").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/").statusCode()).isEqualTo(404);
    assertThat(send("POST", "/readyz").statusCode()).isEqualTo(405);
  }

  @Test
  void shouldAnswerWhenAPageCannotBeMade() throws Exception {
    assertThat(send("GET", "/broken").statusCode()).isEqualTo(500);
  }
}
