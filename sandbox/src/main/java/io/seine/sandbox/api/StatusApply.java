package io.seine.sandbox.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.Buffer;
import io.fabric8.mockwebserver.http.Headers;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;

/**
 * Server-side apply to the conditions in an object's status, which the mock does not know: those of
 * the types that are applied are replaced, the others stay. Whose they are is not remembered, as if
 * every apply were forced. The body must be JSON.
 */
final class StatusApply {
  private static final String CONTENT_TYPE = "Content-Type";
  private static final String STATUS = "/status";
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusApply() {}

  static boolean isOne(RecordedRequest request) {
    String type = request.getHeader(CONTENT_TYPE);
    return "PATCH".equals(request.getMethod())
        && type != null
        && type.startsWith("application/apply-patch+yaml")
        && path(request).endsWith(STATUS);
  }

  private static String path(RecordedRequest request) {
    String path = request.getPath();
    int query = path.indexOf('?');
    return query < 0 ? path : path.substring(0, query);
  }

  /**
   * Does it by a read and a write; nothing else may change the object in between.
   *
   * @param server the mock
   */
  static MockResponse answer(
      RecordedRequest request, Function<RecordedRequest, MockResponse> server) {
    String path = path(request);
    String object = path.substring(0, path.length() - STATUS.length());
    MockResponse present = server.apply(request(HttpMethod.GET, object, ""));
    if (present.code() != 200) {
      return present;
    }
    try {
      JsonNode was = JSON.readTree(present.getBody().getBytes());
      JsonNode applied = JSON.readTree(request.getUtf8Body());
      String uid = applied.path("metadata").path("uid").asText("");
      if (!uid.isEmpty() && !uid.equals(was.path("metadata").path("uid").asText(""))) {
        return new MockResponse().setResponseCode(409).setBody("the object has another uid");
      }
      ObjectNode now = was.deepCopy();
      now.withObject("/status").set("conditions", merged(was, applied));
      return server.apply(request(HttpMethod.PUT, path, now.toString()));
    } catch (IOException e) {
      return new MockResponse().setResponseCode(400).setBody("it is no JSON: " + e.getMessage());
    }
  }

  private static ArrayNode merged(JsonNode was, JsonNode applied) {
    ArrayNode merged = JSON.createArrayNode();
    Set<String> types = new HashSet<>();
    conditions(applied).forEach(c -> types.add(c.path("type").asText("")));
    conditions(was)
        .forEach(c -> {
          if (!types.contains(c.path("type").asText(""))) {
            merged.add(c);
          }
        });
    conditions(applied).forEach(merged::add);
    return merged;
  }

  private static JsonNode conditions(JsonNode object) {
    return object.path("status").path("conditions");
  }

  private static RecordedRequest request(HttpMethod method, String path, String body) {
    return new RecordedRequest(
        "HTTP/1.1",
        method,
        path,
        Headers.builder().add(CONTENT_TYPE, "application/json").build(),
        new Buffer(body.getBytes(StandardCharsets.UTF_8)));
  }
}
