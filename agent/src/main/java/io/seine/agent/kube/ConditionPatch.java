package io.seine.agent.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Applies one condition to the status of a ClusterNetworkPolicy, on the server's side, so that
 * other conditions stay whose they are. All agents are one field manager: what one has applied,
 * another may change.
 */
final class ConditionPatch {
  private static final String MANAGER = "seine-agent";
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubernetesClient client;

  ConditionPatch(KubernetesClient client) {
    this.client = client;
  }

  void apply(ObjectRef policy, Condition condition) throws ApiException, InterruptedException {
    URI uri = uri(policy.key().name());
    HttpRequest request =
        client
            .getHttpClient()
            .newHttpRequestBuilder()
            .uri(uri)
            .method("PATCH", "application/apply-patch+yaml", body(policy, condition))
            .build();
    CompletableFuture<HttpResponse<String>> answer =
        client.getHttpClient().sendAsync(request, String.class);
    try {
      HttpResponse<String> response = answer.get(ANSWER.toSeconds(), TimeUnit.SECONDS);
      if (!response.isSuccessful()) {
        throw new ApiException(
            "PATCH %s was refused: %d %s".formatted(uri, response.code(), response.body()),
            response.code());
      }
    } catch (ExecutionException e) {
      throw new ApiException("no answer to PATCH " + uri + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new ApiException(
          "no answer to PATCH " + uri + " within " + ANSWER.toSeconds() + " s", e);
    }
  }

  private URI uri(String name) {
    String base = client.getMasterUrl().toString();
    return URI.create(
        "%s%s%s/%s/status?fieldManager=%s&force=true"
            .formatted(
                base,
                base.endsWith("/") ? "" : "/",
                Kind.clusterPolicies().path(),
                URLEncoder.encode(name, StandardCharsets.UTF_8),
                MANAGER));
  }

  /** JSON is YAML. */
  private static String body(ObjectRef policy, Condition condition) {
    ObjectNode object = JSON.createObjectNode();
    object.put("apiVersion", policy.apiVersion()).put("kind", policy.kind());
    ObjectNode metadata = object.putObject("metadata").put("name", policy.key().name());
    if (!policy.uid().isEmpty()) {
      metadata.put("uid", policy.uid()); // a namesake is another policy
    }
    ObjectNode item = object.putObject("status").putArray("conditions").addObject();
    item.put("type", condition.type())
        .put("status", condition.status())
        .put("reason", condition.reason())
        .put("message", condition.message())
        .put("lastTransitionTime", condition.since());
    if (condition.observedGeneration() > 0) {
      item.put("observedGeneration", condition.observedGeneration());
    }
    return object.toString();
  }
}
