package io.seine.agent.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves pages that are made anew for each request, on virtual threads. GET and HEAD only. */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

  /** One answer. */
  public record Page(int status, String contentType, String body) {
    public static Page text(int status, String body) {
      return new Page(status, "text/plain; charset=utf-8", body);
    }

    public static Page json(String body) {
      return new Page(200, "application/json", body);
    }
  }

  /** Makes a page; called by many threads. */
  public interface Source {
    Page page();
  }

  private final HttpServer server;
  private final ExecutorService workers;

  private HttpEndpoint(HttpServer server, ExecutorService workers) {
    this.server = server;
    this.workers = workers;
  }

  /**
   * @param address an IP address
   * @param port 0 for any free one
   * @throws IOException if the port cannot be listened on
   */
  public static HttpEndpoint start(String address, int port) throws IOException {
    InetSocketAddress listen = new InetSocketAddress(InetAddress.ofLiteral(address), port);
    HttpServer server = HttpServer.create(listen, 16);
    ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(workers);
    server.start();
    return new HttpEndpoint(server, workers);
  }

  /** Serves {@code source} at exactly {@code path}. */
  public void serve(String path, Source source) {
    server.createContext(path, exchange -> answer(exchange, path, source));
  }

  public int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, String path, Source source) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      Page page;
      if (!exchange.getRequestURI().getPath().equals(path)) {
        page = Page.text(404, "not found\n");
      } else if (!method.equals("GET") && !method.equals("HEAD")) {
        page = Page.text(405, "only GET and HEAD\n");
      } else {
        page = made(path, source);
      }
      byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.contentType());
      boolean head = method.equals("HEAD");
      exchange.sendResponseHeaders(page.status(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static Page made(String path, Source source) {
    try {
      return source.page();
    } catch (RuntimeException e) {
      LOG.error("a page could not be made: path={}", path, e);
      return Page.text(500, "this page could not be made; the agent's log says why\n");
    }
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
