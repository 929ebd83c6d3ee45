package io.seine.agent.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists all objects of a kind, page by page. Each page is read as a stream and each object reduced
 * as soon as it is read, so that the memory needed does not depend on how many there are, nor on
 * whether the server honours the page size.
 */
final class Lister {
  private static final Logger LOG = LoggerFactory.getLogger(Lister.class);
  private static final int PAGE = 500;
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration WHOLE_PAGE = Duration.ofMinutes(2);
  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final KubernetesClient client;

  Lister(KubernetesClient client) {
    this.client = client;
  }

  private record Page(String resourceVersion, String next) {}

  /**
   * Hands every object that is of interest to {@code sink}.
   *
   * @return the resource version that a watch can go on from
   * @throws ApiException if it cannot be read, or the API has no such kind
   */
  <T extends HasMetadata, I> String list(Kind<T, I> kind, BiConsumer<ObjectKey, I> sink)
      throws ApiException, InterruptedException {
    Page page = new Page("", "");
    do {
      page = page(kind, page.next(), sink);
    } while (!page.next().isEmpty());
    return page.resourceVersion();
  }

  private <T extends HasMetadata, I> Page page(
      Kind<T, I> kind, String from, BiConsumer<ObjectKey, I> sink)
      throws ApiException, InterruptedException {
    URI uri = uri(kind, from);
    HttpRequest request =
        client.getHttpClient().newHttpRequestBuilder().uri(uri).forStreaming().build();
    HttpResponse<InputStream> response =
        answer(uri, client.getHttpClient().sendAsync(request, InputStream.class));
    try (InputStream body = response.body()) {
      if (!response.isSuccessful()) {
        throw refused(uri, response.code(), body);
      }
      // A server that stops in the middle of a page must not hold the agent for ever.
      CompletableFuture<Void> watchdog =
          CompletableFuture.runAsync(
              () -> close(body),
              CompletableFuture.delayedExecutor(WHOLE_PAGE.toSeconds(), TimeUnit.SECONDS));
      try {
        return read(kind, body, sink);
      } finally {
        watchdog.cancel(true);
      }
    } catch (IOException e) {
      throw new ApiException("list of " + uri + " broke off: " + e, e);
    }
  }

  private static void close(InputStream body) {
    try {
      body.close();
    } catch (IOException e) {
      LOG.debug("closing an abandoned list: {}", e.toString());
    }
  }

  private <T extends HasMetadata, I> URI uri(Kind<T, I> kind, String from) {
    String base = client.getMasterUrl().toString();
    StringBuilder uri = new StringBuilder(base);
    uri.append(base.endsWith("/") ? "" : "/").append(kind.path()).append("?limit=").append(PAGE);
    if (!from.isEmpty()) {
      uri.append("&continue=").append(encode(from));
    }
    return URI.create(uri.toString());
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static <R> R answer(URI uri, CompletableFuture<R> future)
      throws ApiException, InterruptedException {
    try {
      return future.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new ApiException("no answer to GET " + uri + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new ApiException("no answer to GET " + uri + " within " + ANSWER.toSeconds() + " s", e);
    }
  }

  private static ApiException refused(URI uri, int code, InputStream body) throws IOException {
    String text = new String(body.readNBytes(2000), StandardCharsets.UTF_8);
    String message = text;
    try {
      message = JSON.readTree(text).path("message").asText(text);
    } catch (IOException e) {
      LOG.debug("the refusal is not JSON: {}", e.toString());
    }
    return new ApiException("GET " + uri + " was refused: " + code + " " + message, code);
  }

  private static <T extends HasMetadata, I> Page read(
      Kind<T, I> kind, InputStream body, BiConsumer<ObjectKey, I> sink) throws IOException {
    String resourceVersion = "";
    String next = "";
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the answer is no list");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("metadata")) {
          JsonNode metadata = JSON.readTree(parser);
          resourceVersion = metadata.path("resourceVersion").asText("");
          next = metadata.path("continue").asText("");
        } else if (name.equals("items") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            item(kind, kind.fields().read(parser, JSON), sink);
          }
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IOException("the list ends early");
      }
    }
    return new Page(resourceVersion, next);
  }

  private static <T extends HasMetadata, I> void item(
      Kind<T, I> kind, JsonNode tree, BiConsumer<ObjectKey, I> sink) {
    T object;
    try {
      object = JSON.treeToValue(tree, kind.type());
    } catch (IOException e) {
      // One object that cannot be read must not keep the others out.
      LOG.warn(
          "an object is left out since it cannot be read: kind={} name={}/{}: {}",
          kind.name(),
          tree.path("metadata").path("namespace").asText(""),
          tree.path("metadata").path("name").asText(""),
          e.getMessage());
      return;
    }
    if (object.getMetadata() != null) {
      kind.reduce().apply(object).ifPresent(info -> sink.accept(Kind.key(object), info));
    }
  }
}
