package io.seine.ovsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.seine.ovsdb.OvsdbException.Reason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The session's comings and goings, against a scripted peer. */
@Timeout(60)
class OvsdbSessionTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void aPeerThatStopsAnsweringIsLeftAndFoundAgain() {
    // given a peer that answers the monitor but, while it is stuck, no sign of life
    AtomicBoolean stuck = new AtomicBoolean();
    List<String> news = new CopyOnWriteArrayList<>();
    try (ScriptedPeer peer =
            ScriptedPeer.afterSchema((connection, method, id) -> {
              if (method.equals("monitor")) {
                connection.result(id, "{}");
              } else if (!stuck.get()) {
                connection.result(id, "[]");
              }
            });
        OvsdbSession session =
            OvsdbSession.open(
                peer.socket(),
                options(Duration.ofMillis(50), Duration.ofMillis(200)),
                recorder(news))) {
      session.awaitConnected(LONG);

      // when it gets stuck, its socket still open
      stuck.set(true);

      // then the session gives it up and connects anew
      await().until(() -> peer.accepted() >= 2);
      stuck.set(false);
      await()
          .untilAsserted(
              () -> assertThat(news).startsWith("connected", "disconnected", "connected"));
      session.awaitConnected(LONG);
    }
  }

  @Test
  void theBackOffIsAskedOnceForEachFailureInARow() {
    List<Integer> asked = new CopyOnWriteArrayList<>();
    Backoff backoff =
        failures -> {
          asked.add(failures);
          return Duration.ofMillis(1);
        };
    OvsdbSession.Options options = new OvsdbSession.Options(LONG, LONG, LONG, backoff);
    try (OvsdbSession session =
        OvsdbSession.open(Path.of("/nonexistent/db.sock"), options, Listeners.NONE)) {
      await().until(() -> asked.size() >= 3);
      assertThat(asked).startsWith(1, 2, 3);

      // and whoever needs the connection is told why there is none
      assertThat(session.connected()).isFalse();
      assertThatThrownBy(() -> session.transaction().comment("x").commit(LONG))
          .isInstanceOfSatisfying(
              OvsdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DISCONNECTED))
          .hasMessageContaining("/nonexistent/db.sock");
      assertThatThrownBy(() -> session.awaitConnected(Duration.ofMillis(20)))
          .hasMessageContaining("/nonexistent/db.sock");
    }
  }

  @Test
  void closingWakesWaitersAndEndsTheThreads() throws Exception {
    try (ScriptedPeer peer =
        ScriptedPeer.afterSchema((connection, method, id) -> {
          if (method.equals("monitor")) {
            connection.result(id, "{}");
          }
        })) {
      OvsdbSession session = OvsdbSession.open(peer.socket(), options(LONG, LONG), Listeners.NONE);
      session.awaitConnected(LONG);
      List<Reason> failures = new CopyOnWriteArrayList<>();
      Thread waiter =
          Thread.ofVirtual()
              .start(() ->
                  failures.add(failure(() -> session.cache().await("nothing", s -> false, LONG))));
      Thread caller =
          Thread.ofVirtual()
              .start(() ->
                  failures.add(failure(() -> session.transaction().comment("x").commit(LONG))));
      await()
          .until(() ->
              waiter.getState() == Thread.State.TIMED_WAITING
                  && caller.getState() == Thread.State.TIMED_WAITING);

      // when
      session.close();

      // then
      waiter.join(LONG);
      caller.join(LONG);
      assertThat(failures).containsExactly(Reason.DISCONNECTED, Reason.DISCONNECTED);
      session.close();
    }
  }

  @Test
  void aRefusedMonitorIsToldInTheServersWords() {
    try (ScriptedPeer peer =
            ScriptedPeer.afterSchema((connection, method, id) ->
                connection.raw(
                    "{\"id\":\""
                        + id
                        + "\",\"result\":null,\"error\":{\"error\":\"permission error\",\"details\":\"go away\"}}"));
        OvsdbSession session =
            OvsdbSession.open(peer.socket(), options(LONG, LONG), Listeners.NONE)) {
      await().until(() -> peer.accepted() >= 2);
      assertThatThrownBy(() -> session.awaitConnected(Duration.ofMillis(20)))
          .hasMessageContaining("permission error: go away");
    }
  }

  @Test
  void theBackOffDoublesWithinItsBounds() {
    Backoff backoff =
        Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(5), new Random(1));
    for (int failures = 1; failures <= 200; failures++) {
      double whole = Math.min(5000, 100 * Math.pow(2, failures - 1));
      assertThat(backoff.delay(failures).toNanos() / 1e6).isBetween(whole / 2, whole);
    }
  }

  @Test
  void attemptsThatFailAreToldInOrderWithTheConnectionThatFollows() {
    // given a peer that refuses twice
    AtomicInteger refusals = new AtomicInteger(2);
    List<String> news = new CopyOnWriteArrayList<>();
    try (ScriptedPeer peer =
            ScriptedPeer.afterSchema((connection, method, id) -> {
              if (method.equals("monitor") && refusals.getAndDecrement() > 0) {
                connection.raw(
                    "{\"id\":\"" + id + "\",\"result\":null,\"error\":{\"error\":\"not yet\"}}");
              } else {
                connection.result(id, method.equals("monitor") ? "{}" : "[]");
              }
            });
        OvsdbSession session =
            OvsdbSession.open(peer.socket(), options(LONG, LONG), recorder(news))) {
      // when it has been waited for
      session.awaitConnected(LONG);

      // then the last that was told is that it is connected, whoever else waits
      await()
          .untilAsserted(() -> assertThat(news).containsExactly("failed", "failed", "connected"));
    }
  }

  private static Reason failure(Runnable call) {
    try {
      call.run();
    } catch (OvsdbException e) {
      return e.reason();
    }
    throw new AssertionError("the call did not fail");
  }

  private static OvsdbSession.Options options(Duration probeInterval, Duration probeTimeout) {
    return new OvsdbSession.Options(
        LONG, probeInterval, probeTimeout, failures -> Duration.ofMillis(5));
  }

  private static OvsdbSession.Listener recorder(List<String> news) {
    return new OvsdbSession.Listener() {
      @Override
      public void connected(Snapshot snapshot) {
        news.add("connected");
      }

      @Override
      public void disconnected(String why) {
        news.add("disconnected");
      }

      @Override
      public void failed(String why) {
        news.add("failed");
      }
    };
  }
}
