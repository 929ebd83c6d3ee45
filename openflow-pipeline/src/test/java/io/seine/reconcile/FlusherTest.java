package io.seine.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.openflow.CtFlush;
import io.seine.openflow.CtFlush.Peer;
import io.seine.openflow.Ip;
import io.seine.openflow.RefusedException;
import io.seine.openflow.SwitchException;
import io.seine.openflow.testing.FakeSwitch;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When connections are forgotten, and what becomes of a failure. */
class FlusherTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private static final class Heard implements ReconcileListener {
    final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    public void flushed(int flushes, Duration took) {
      lines.add("flushed " + flushes);
    }

    @Override
    public void flushFailed(int flushes, String reason, Optional<Duration> nextAttempt) {
      lines.add(
          "failed %d %s%s"
              .formatted(flushes, reason, nextAttempt.isPresent() ? ", again" : ", given up"));
    }
  }

  private final Heard heard = new Heard();
  private final FakeSwitch target = new FakeSwitch();
  private final Flusher flusher =
      new Flusher(
          heard,
          InstantSource.system(),
          new Reconciler.BackOff(Duration.ofMillis(5), Duration.ofMillis(10)),
          List.of(Duration.ZERO, Duration.ofMillis(30), Duration.ofMillis(60)));

  @AfterEach
  void stop() throws Exception {
    flusher.close();
    flusher.join();
  }

  private static CtFlush flush(int port) {
    return CtFlush.to(1, 17, Peer.of(Ip.parse("10.100.0.7"), port));
  }

  private void awaitNothingWaits() {
    await().atMost(SOON).until(() -> flusher.waiting() == 0);
  }

  @Test
  void eachIsDoneSeveralTimesAndThenNoMore() {
    flusher.target(Optional.of(target));
    flusher.add(List.of(flush(1), flush(2), flush(1)));
    awaitNothingWaits();
    assertThat(target.flushed())
        .containsExactly(flush(1), flush(2), flush(1), flush(2), flush(1), flush(2));
    assertThat(heard.lines).containsExactly("flushed 2", "flushed 2", "flushed 2");
  }

  @Test
  void whatFailedIsTriedAgain() {
    target.failFlushes(Optional.of(new SwitchException("no answer")));
    flusher.target(Optional.of(target));
    flusher.add(List.of(flush(1)));
    await().atMost(SOON).until(() -> heard.lines.size() >= 3);
    assertThat(heard.lines).allMatch(l -> l.startsWith("failed 1") && l.endsWith("again"));
    target.failFlushes(Optional.empty());
    awaitNothingWaits();
    assertThat(target.flushed()).hasSize(3).containsOnly(flush(1));
  }

  @Test
  void whatTheSwitchCannotDoIsGivenUpAndSaid() {
    target.failFlushes(
        Optional.of(new RefusedException("too old", "OFPBRC_BAD_EXP_TYPE", Optional.empty())));
    flusher.target(Optional.of(target));
    flusher.add(List.of(flush(1)));
    awaitNothingWaits();
    assertThat(heard.lines).containsExactly("failed 1 too old, given up");
  }

  @Test
  void withoutASwitchTheyWaitForOne() {
    flusher.add(List.of(flush(1)));
    assertThat(flusher.waiting()).isEqualTo(1);
    flusher.target(Optional.of(target));
    awaitNothingWaits();
    assertThat(target.flushed()).hasSize(3);
  }

  @Test
  void manyGoInParts() {
    List<CtFlush> many = new ArrayList<>();
    for (int port = 1; port <= 100; port++) {
      many.add(flush(port));
    }
    flusher.target(Optional.of(target));
    flusher.add(many);
    awaitNothingWaits();
    assertThat(target.flushed()).hasSize(300).containsAll(many);
    assertThat(heard.lines).allMatch(l -> Integer.parseInt(l.substring(8)) <= 32);
  }

  @Test
  void whatIsWantedAgainIsLeftAlone() {
    flusher.add(List.of(flush(1), flush(2)));
    flusher.forgetNoMore(flush(1)::equals);
    flusher.target(Optional.of(target));
    awaitNothingWaits();
    assertThat(target.flushed()).containsExactly(flush(2), flush(2), flush(2));
  }

  @Test
  void whatIsWantedAgainIsNotForgottenOnceMore() {
    target.failFlushes(Optional.of(new SwitchException("no answer")));
    flusher.target(Optional.of(target));
    flusher.add(List.of(flush(1)));
    await().atMost(SOON).until(() -> !heard.lines.isEmpty());
    flusher.forgetNoMore(flush -> true);
    assertThat(flusher.waiting()).isZero();
  }
}
