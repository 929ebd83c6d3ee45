package io.seine.agent.reject;

import io.seine.agent.packet.TokenBucket;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers packets to services without endpoints, not faster than a given rate. Whatever the packet
 * holds, and whatever becomes of the answer, nothing is thrown. Safe for any thread.
 */
public final class Rejector {
  private static final Logger LOG = LoggerFactory.getLogger(Rejector.class);

  /** Where answers go. */
  public interface Sender {
    /**
     * Sends a frame straight out of a port, by no table.
     *
     * @throws Exception if it cannot; the packet's sender will try again
     */
    void send(int port, byte[] frame) throws Exception;
  }

  /** How many packets were refused, left unanswered for the rate's or their own sake, and lost. */
  public record Counts(long refused, long limited, long ignored, long failed) {}

  private final Sender sender;
  private final TokenBucket bucket;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong limited = new AtomicLong();
  private final AtomicLong ignored = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /**
   * @param perSecond how many answers to send in a second at most; 0 for none
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public Rejector(Sender sender, int perSecond, LongSupplier nanoTime) {
    this.sender = sender;
    this.bucket = new TokenBucket(perSecond, nanoTime);
  }

  /**
   * @param port where the packet came in, and where the answer goes
   * @param frame the packet from its Ethernet header on
   */
  public void packetIn(int port, byte[] frame) {
    Optional<byte[]> answer = Refusal.of(frame);
    if (answer.isEmpty()) {
      ignored.incrementAndGet();
    } else if (!bucket.take()) {
      limited.incrementAndGet();
    } else {
      send(port, answer.get());
    }
  }

  private void send(int port, byte[] answer) {
    try {
      sender.send(port, answer);
      refused.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed.incrementAndGet();
    } catch (Exception e) {
      if (failed.getAndIncrement() == 0) {
        LOG.warn("a refusal could not be sent: port={}: {}", port, e.toString());
      }
    }
  }

  public Counts counts() {
    return new Counts(refused.get(), limited.get(), ignored.get(), failed.get());
  }
}
