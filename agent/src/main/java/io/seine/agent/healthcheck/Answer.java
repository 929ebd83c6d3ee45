package io.seine.agent.healthcheck;

import io.seine.agent.kube.ObjectKey;
import java.nio.charset.StandardCharsets;

/**
 * What a load balancer is told, to the letter as kube-proxy says it ({@code
 * pkg/proxy/healthcheck/service_health.go}).
 *
 * @param localEndpoints how many of the service's endpoints on this node are ready
 * @param healthy whether the node serves what it should
 */
record Answer(ObjectKey service, int localEndpoints, boolean healthy) {
  int status() {
    return localEndpoints > 0 && healthy ? 200 : 503;
  }

  /** Names of Kubernetes objects need no escaping in JSON. */
  String body() {
    return """
    {
    	"service": {
    		"namespace": "%s",
    		"name": "%s"
    	},
    	"localEndpoints": %d,
    	"serviceProxyHealthy": %s
    }\
    """
        .formatted(service.namespace(), service.name(), localEndpoints, healthy);
  }

  /**
   * The whole answer.
   *
   * @param head whether the body is left out, as for HEAD
   */
  byte[] http(boolean head) {
    String body = body();
    String text =
        """
        HTTP/1.1 %s
        Content-Type: application/json
        X-Content-Type-Options: nosniff
        X-Load-Balancing-Endpoint-Weight: %d
        Content-Length: %d
        Connection: close

        """
            .formatted(
                status() == 200 ? "200 OK" : "503 Service Unavailable",
                localEndpoints,
                body.length())
            .replace("\n", "\r\n");
    return (head ? text : text + body).getBytes(StandardCharsets.US_ASCII);
  }
}
