package io.seine.agent.neighbour;

import io.seine.agent.packet.TokenBucket;
import io.seine.openflow.Ip;
import io.seine.openflow.Mac;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers neighbour solicitations that the switch hands over, out of the port they came by, not
 * faster than a given rate for each port: one that floods does not keep the others from asking.
 * Whatever the packet holds, and whatever becomes of the answer, nothing is thrown. Safe for any
 * thread.
 */
public final class NeighbourResponder {
  private static final Logger LOG = LoggerFactory.getLogger(NeighbourResponder.class);

  /** Whose addresses are answered for. Must be safe for any thread and not block. */
  public interface Known {
    /** The Ethernet address that packets to {@code address} are to be sent to here, if any. */
    Optional<Mac> macOf(Ip address);
  }

  /** Where answers go. */
  public interface Sender {
    /**
     * Sends a frame straight out of a port, by no table.
     *
     * @throws Exception if it cannot; the one who asks will ask again
     */
    void send(int port, byte[] frame) throws Exception;
  }

  /**
   * How many solicitations were answered; left unanswered for the rate's sake, for not being valid
   * or asking for nobody known; and lost.
   */
  public record Counts(long answered, long limited, long ignored, long failed) {}

  private final Known known;
  private final Sender sender;
  private final int perSecond;
  private final LongSupplier nanoTime;

  /** By port. A switch has fewer than 65 280 of them, so it cannot grow without end. */
  private final Map<Integer, TokenBucket> buckets = new ConcurrentHashMap<>();

  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong limited = new AtomicLong();
  private final AtomicLong ignored = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  /**
   * @param perSecond how many answers a port gets in a second at most; 0 for none
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public NeighbourResponder(Known known, Sender sender, int perSecond, LongSupplier nanoTime) {
    this.known = known;
    this.sender = sender;
    this.perSecond = perSecond;
    this.nanoTime = nanoTime;
  }

  /**
   * @param port where the packet came in, and where the answer goes
   * @param frame the packet from its Ethernet header on
   */
  public void packetIn(int port, byte[] frame) {
    Optional<Solicitation> asked = Solicitation.read(frame);
    Optional<Mac> mac = asked.flatMap(a -> known.macOf(Ip.of(a.target())));
    if (asked.isEmpty() || mac.isEmpty()) {
      ignored.incrementAndGet();
    } else if (!bucket(port).take()) {
      limited.incrementAndGet();
    } else {
      send(port, asked.get().answer(mac.get()));
    }
  }

  private TokenBucket bucket(int port) {
    return buckets.computeIfAbsent(port, p -> new TokenBucket(perSecond, nanoTime));
  }

  private void send(int port, byte[] answer) {
    try {
      sender.send(port, answer);
      answered.incrementAndGet();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed.incrementAndGet();
    } catch (Exception e) {
      if (failed.getAndIncrement() == 0) {
        LOG.warn("a neighbour could not be told: port={}: {}", port, e.toString());
      }
    }
  }

  public Counts counts() {
    return new Counts(answered.get(), limited.get(), ignored.get(), failed.get());
  }
}
