package io.seine.sandbox.api;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.net.InetAddress;
import java.util.HashMap;

/** The embedded API server, on the machine's loopback address, without encryption or users. */
public final class EmbeddedApiServer implements AutoCloseable {
  private final KubernetesMockServer server;
  private final Thread recordDropper;

  private EmbeddedApiServer(KubernetesMockServer server) {
    this.server = server;
    this.recordDropper = Thread.ofVirtual().name("api-records").start(this::dropRecords);
  }

  public static EmbeddedApiServer start() {
    KubernetesMockServer server =
        new KubernetesMockServer(
            new Context(),
            new MockWebServer(),
            new HashMap<>(),
            new NodeSelectingDispatcher(),
            false);
    server.init(InetAddress.getLoopbackAddress(), 0);
    return new EmbeddedApiServer(server);
  }

  public int port() {
    return server.getPort();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /** A client of the embedded server at a URL, which takes nothing from files or environment. */
  public static KubernetesClient client(String url) {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(url)
            .withNamespace("default")
            .withHttp2Disable(true)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  @Override
  public void close() {
    recordDropper.interrupt();
    server.destroy();
  }

  /** The mock records every request for tests to look at, without end; nobody looks here. */
  private void dropRecords() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        server.takeRequest();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
