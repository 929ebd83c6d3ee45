package io.seine.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.seine.ovsdb.OvsdbException.Reason;
import java.io.File;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opendaylight.ovsdb.lib.jsonrpc.JsonRpcEndpoint;

/**
 * One connection against a peer that misbehaves; and, for each defect of the library, that the
 * library as it comes fails there.
 */
@Timeout(60)
class OvsdbClientTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final List<Operation> NOTHING = List.of(new Operation.Comment("nothing"));

  @Test
  void repliesWrittenByteByByteArriveWhole() {
    // given a peer that writes single bytes, a line end before each message, and a string that ends
    // in a backslash
    try (ScriptedPeer peer =
            ScriptedPeer.afterSchema((connection, method, id) ->
                connection.bytewise(
                    "\n{\"id\":\""
                        + id
                        + "\",\"result\":[{\"rows\":[{\"name\":\"C:\\\\\"}]}],\"error\":null}"));
        OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
      // when
      TransactionResult result = client.commit(NOTHING, LONG);

      // then
      assertThat(result.rows().getFirst().selected())
          .isEqualTo(List.of(java.util.Map.of("name", Value.of("C:\\"))));
    }
  }

  @Test
  void aReplySlowerThanTheLibrarysLimitIsWaitedFor() throws Exception {
    // given a peer that answers once the library's own limit has passed
    CompletableFuture<Void> stockGaveUp = new CompletableFuture<>();
    try (ScriptedPeer peer =
        ScriptedPeer.afterSchema((connection, method, id) -> {
          stockGaveUp.join();
          connection.result(id, "[{}]");
        })) {
      assertThat(stockLimitMillis()).isEqualTo((int) StockClient.STOCK_LIMIT.toMillis());
      try (OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
        CompletableFuture<TransactionResult> ours =
            CompletableFuture.supplyAsync(() -> client.commit(NOTHING, LONG));
        await().until(() -> client.pendingCalls() == 1);

        // when the library, as it comes, makes the same call a little later
        try (StockClient stock = new StockClient(peer.socket())) {
          ListenableFuture<?> call = stock.transact(NOTHING);

          // then it is cancelled
          assertThatThrownBy(() -> call.get(LONG.toSeconds(), TimeUnit.SECONDS))
              .isInstanceOf(CancellationException.class);
        }
        stockGaveUp.complete(null);

        // and ours gets its answer
        assertThat(ours.get(LONG.toSeconds(), TimeUnit.SECONDS).rows()).hasSize(1);
      } finally {
        stockGaveUp.complete(null);
      }
    }
  }

  @Test
  void eachCallEndsAtItsOwnDeadline() {
    try (ScriptedPeer peer = ScriptedPeer.afterSchema((connection, method, id) -> {});
        OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
      assertThatThrownBy(() -> client.commit(NOTHING, Duration.ofMillis(150)))
          .isInstanceOfSatisfying(
              OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT))
          .hasMessageContaining("did not answer within 150 ms: transaction (comment)");
      assertThat(client.pendingCalls()).isZero();
      assertThatThrownBy(() -> client.commit(NOTHING, Duration.ofHours(1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aDeadPeerFailsTheCallsUnderWayAtOnce() throws Exception {
    // given a peer that closes on the first transaction
    try (ScriptedPeer peer =
        ScriptedPeer.afterSchema((connection, method, id) -> connection.close())) {
      // when the library makes one, with its limit out of the way
      try (StockClient stock = new StockClient(peer.socket(), LONG)) {
        ListenableFuture<?> call = stock.transact(NOTHING);
        assertThat(stock.channel().closeFuture().await(LONG.toSeconds(), TimeUnit.SECONDS))
            .isTrue();

        // then the call hangs although the connection is gone
        assertThatThrownBy(() -> call.get(300, TimeUnit.MILLISECONDS))
            .isInstanceOf(java.util.concurrent.TimeoutException.class);
      }

      // while ours fails with the connection, well before its deadline
      try (OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
        long start = System.nanoTime();
        assertThatThrownBy(() -> client.commit(NOTHING, LONG))
            .isInstanceOfSatisfying(
                OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED))
            .hasMessageContaining("ovsdb-server closed the connection");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG.dividedBy(3));

        // and so does every later one
        assertThatThrownBy(() -> client.echo(LONG)).isInstanceOf(OvsdbException.class);
      }
    }
  }

  @Test
  void aPeerThatDiesDuringTheHandshakeFailsTheConnect() {
    try (ScriptedPeer peer = new ScriptedPeer((connection, method, id) -> connection.close())) {
      long start = System.nanoTime();
      assertThatThrownBy(() -> OvsdbClient.connect(peer.socket(), LONG))
          .isInstanceOfSatisfying(
              OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG.dividedBy(3));
    }
  }

  @Test
  void aPeerThatSpeaksSomethingElseEndsTheConnection() {
    try (ScriptedPeer peer =
        new ScriptedPeer((connection, method, id) -> connection.raw("SSH-2.0-OpenSSH\r\n"))) {
      assertThatThrownBy(() -> OvsdbClient.connect(peer.socket(), LONG))
          .hasMessageContaining("does not speak JSON-RPC");
    }
  }

  @Test
  void anErrorReplyIsToldNotSwallowed() throws Exception {
    // given a peer that refuses every transaction as a whole
    try (ScriptedPeer peer =
        ScriptedPeer.afterSchema((connection, method, id) ->
            connection.raw(
                "{\"id\":\""
                    + id
                    + "\",\"result\":null,\"error\":{\"error\":\"unknown database\",\"details\":\"no such db\"}}"))) {
      // then the library makes it a null
      try (StockClient stock = new StockClient(peer.socket())) {
        assertThat(stock.transact(NOTHING).get(LONG.toSeconds(), TimeUnit.SECONDS)).isNull();
      }
      // and ours says what the server said
      try (OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
        assertThatThrownBy(() -> client.commit(NOTHING, LONG))
            .isInstanceOfSatisfying(
                OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REFUSED))
            .hasMessageContaining("unknown database: no such db");
      }
    }
  }

  @Test
  void aMissingSocketIsNamed() {
    assertThatThrownBy(() -> OvsdbClient.connect(Path.of("/nonexistent/db.sock"), LONG))
        .isInstanceOf(OvsdbException.class)
        .hasMessageContaining("/nonexistent/db.sock")
        .hasMessageContaining("is ovsdb-server running?");
  }

  @Test
  void theConnectionCanBeNamed() {
    try (ScriptedPeer peer = ScriptedPeer.afterSchema((connection, method, id) -> {})) {
      // given that the library cannot name a connection over a Unix socket
      try (StockClient stock = new StockClient(peer.socket())) {
        assertThatThrownBy(() -> stock.client.getConnectionInfo().toString())
            .isInstanceOf(ClassCastException.class);
      }
      // then ours can
      try (OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG)) {
        assertThat(client).hasToString("OVSDB at " + peer.socket());
      }
    }
  }

  @Test
  void closingEndsItsThreads() {
    try (ScriptedPeer peer = ScriptedPeer.afterSchema((connection, method, id) -> {})) {
      OvsdbClient client = OvsdbClient.connect(peer.socket(), LONG);
      assertThat(threads()).isNotEmpty();
      client.close();
      client.close();
      await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("seine-ovsdb") || name.startsWith("OVSDB-Passive"))
        .toList();
  }

  /** The library's limit in a class of its own, untouched by whatever ran before in this JVM. */
  private static int stockLimitMillis() throws Exception {
    URL[] classpath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(OvsdbClientTest::url)
            .toArray(URL[]::new);
    try (URLClassLoader fresh =
        new URLClassLoader(classpath, ClassLoader.getPlatformClassLoader())) {
      Field limit =
          fresh.loadClass(JsonRpcEndpoint.class.getName()).getDeclaredField("reaperInterval");
      limit.setAccessible(true);
      return limit.getInt(null);
    }
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (java.net.MalformedURLException e) {
      throw new IllegalArgumentException(entry, e);
    }
  }
}
