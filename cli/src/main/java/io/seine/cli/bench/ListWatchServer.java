package io.seine.cli.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * As much of an API server as an agent needs: lists in pages, watches over plain HTTP, single
 * objects by name; whatever is posted is accepted and forgotten. The collections hold rendered
 * objects, so that the server costs next to nothing beside the agent that is measured.
 *
 * <p>Threads: one virtual thread a request; {@link #modified} may be called from any.
 */
final class ListWatchServer implements AutoCloseable {
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=([^&]*)");

  /**
   * All objects of a kind.
   *
   * @param path below which they are found, with the slash in front
   */
  record Collection(String path, String apiVersion, String kind, List<String> items) {
    Collection {
      items = List.copyOf(items);
    }
  }

  private final HttpServer server;
  private final Map<String, List<OutputStream>> watchers = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  ListWatchServer(List<Collection> collections) throws IOException {
    // An event is one small write, which must not wait for the acknowledgement of the last one.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    for (Collection collection : collections) {
      watchers.put(collection.path(), new CopyOnWriteArrayList<>());
      var _ = server.createContext(collection.path(), exchange -> serve(exchange, collection));
    }
    var _ = server.createContext("/", ListWatchServer::other);
    server.start();
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  /** How many watch a collection. */
  int watching(String path) {
    return watchers.getOrDefault(path, List.of()).size();
  }

  /** Tells all who watch that an object is now so. */
  void modified(String path, String object) throws IOException {
    byte[] event = bytes("{\"type\":\"MODIFIED\",\"object\":" + object + "}\n");
    for (OutputStream watcher : watchers.getOrDefault(path, List.of())) {
      watcher.write(event);
      watcher.flush();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }

  private void serve(HttpExchange exchange, Collection collection) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    String path = exchange.getRequestURI().getPath();
    if (!exchange.getRequestMethod().equals("GET")) {
      other(exchange);
    } else if ("websocket".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Upgrade"))) {
      answer(exchange, 503, "{}"); // the client then watches without WebSocket
    } else if (path.length() > collection.path().length() + 1) {
      one(exchange, collection, path.substring(collection.path().length() + 1));
    } else if (query.contains("watch=true")) {
      watch(exchange, collection.path());
    } else {
      list(exchange, collection, parameter(query, "limit"), parameter(query, "continue"));
    }
  }

  private void watch(HttpExchange exchange, String path) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    body.flush();
    List<OutputStream> all = watchers.getOrDefault(path, List.of());
    var _ = all.add(body);
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      var _ = all.remove(body);
      exchange.close();
    }
  }

  private static void list(HttpExchange exchange, Collection collection, int limit, int from)
      throws IOException {
    int end = limit == 0 ? collection.items().size() : from + limit;
    boolean more = end < collection.items().size();
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(
          bytes(
              "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",\"metadata\":{\"resourceVersion\":\"1\"%s},\"items\":["
                  .formatted(
                      collection.kind(),
                      collection.apiVersion(),
                      more ? ",\"continue\":\"" + end + "\"" : "")));
      String separator = "";
      for (String item :
          collection.items().subList(from, Math.min(end, collection.items().size()))) {
        body.write(bytes(separator + item));
        separator = ",";
      }
      body.write(bytes("]}"));
    }
  }

  private static void one(HttpExchange exchange, Collection collection, String name)
      throws IOException {
    String wanted = "\"name\":\"" + name + "\"";
    for (String item : collection.items()) {
      if (item.contains(wanted)) {
        answer(exchange, 200, item);
        return;
      }
    }
    other(exchange);
  }

  private static void other(HttpExchange exchange) throws IOException {
    if (exchange.getRequestMethod().equals("GET")) {
      answer(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404}");
    } else {
      String posted = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      answer(exchange, 201, posted);
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = bytes(text);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static int parameter(String query, String name) {
    Matcher matcher = PARAMETER.matcher(query);
    while (matcher.find()) {
      if (matcher.group(1).equals(name) && !matcher.group(2).isEmpty()) {
        return Integer.parseInt(matcher.group(2));
      }
    }
    return 0;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
