package io.seine.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.Resolved;
import io.seine.openflow.Bits;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyRef;
import io.seine.reconcile.InstallException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a pod gets an answer. */
class DnsAnswersTest {
  private static final int PORT = 7;
  private static final byte[] TEACHING =
      Frames.udp4(
          Message.answerTo("www.example.org").address("www.example.org", "192.0.2.1", 60).bytes());
  private static final byte[] OTHER =
      Frames.udp4(Message.answerTo("other.org").address("other.org", "192.0.2.1", 60).bytes());

  @TempDir Path directory;

  private final BlockingQueue<Bits> sent = new LinkedBlockingQueue<>();
  private final CompletableFuture<Set<Owner>> wished = new CompletableFuture<>();
  private final CountDownLatch installed = new CountDownLatch(1);

  @SuppressWarnings("NullAway.Init")
  private DnsAnswers answers;

  private final class Facts implements DnsLearning.Facts {
    @Override
    public Map<DomainPattern, Set<PolicyRef>> domains() {
      return Map.of(new DomainPattern("*.example.org"), Set.of());
    }

    @Override
    public CompletableFuture<Set<Owner>> resolve(Map<String, Resolved> now) {
      return wished;
    }

    @Override
    public void warn(PolicyRef policy, String reason, String message) {}
  }

  @BeforeEach
  void start() {
    DnsLearning learning =
        new DnsLearning(
            new Facts(),
            directory.resolve(LearnedFile.NAME),
            line -> {},
            Duration.ofSeconds(5),
            InstantSource.system());
    answers =
        new DnsAnswers(
            learning, this::awaitInstalled, (in, actions, frame) -> sent.add(Bits.of(frame)), 1400);
    answers.start();
  }

  private void awaitInstalled(Collection<Owner> owners, Duration timeout)
      throws InstallException, InterruptedException {
    if (!installed.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new InstallException("not there yet");
    }
  }

  @AfterEach
  void stop() {
    answers.close();
  }

  private void comes(byte[] frame) {
    answers.packetIn(PORT, Bits.of(frame));
  }

  private void isSent(byte[] frame) throws InterruptedException {
    assertThat(sent.poll(20, TimeUnit.SECONDS)).isEqualTo(Bits.of(frame));
  }

  @Test
  void shouldSendAnAnswerWhenItsFlowsAreThereAndOthersAtOnce() throws Exception {
    comes(TEACHING);
    comes(OTHER);

    isSent(OTHER);
    assertThat(sent).isEmpty();
    wished.complete(Set.of());
    installed.countDown();
    isSent(TEACHING);
    assertThat(answers.counts()).isEqualTo(new DnsAnswers.Counts(2, 1, 0, 0, 0));
  }

  @Test
  void shouldNotKeepAnAnswerForLong() throws Exception {
    comes(TEACHING);

    isSent(TEACHING);
    assertThat(answers.counts().late()).isEqualTo(1);
  }

  @Test
  void shouldSendOnWhatCannotBeRead() throws Exception {
    for (byte[] frame : List.of(Frames.udp4(new byte[] {1, 2, 3}), new byte[20])) {
      comes(frame);
      isSent(frame);
    }
    await().until(() -> answers.counts().malformed() == 1);
  }
}
