package io.seine.agent.dns;

import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Action;
import io.seine.openflow.Bits;
import io.seine.openflow.Ports;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.Owner;
import io.seine.reconcile.InstallException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DNS answers that the switch hands over in place of giving them to the pod: learns from each, and
 * sends it on when the flows of what it says are there, so that what the pod does with it meets no
 * denial; or after a second, whatever is there by then. Whatever an answer holds, nothing is
 * thrown. Safe for any thread.
 *
 * <pre>
 *   packet-in --> queue --> reader --nothing to learn-----------------------> pod
 *                             \--learn--> one waits for the switch, each --> pod
 * </pre>
 */
public final class DnsAnswers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DnsAnswers.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final int QUEUE = 1024;
  private static final int WAITING = 1024;

  /** Waits for flows to be in the switch. */
  public interface Installed {
    void await(Collection<Owner> owners, Duration timeout)
        throws InstallException, InterruptedException;
  }

  /** What became of answers: each is read, and in one of the other numbers too, or in none. */
  public record Counts(long read, long learned, long malformed, long dropped, long late) {}

  private record Held(int port, Bits frame) {}

  private final DnsLearning learning;
  private final Installed installed;
  private final UdpSweep.Sender sender;
  private final int mtu;
  private final BlockingQueue<Held> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Semaphore room = new Semaphore(WAITING);
  private final AtomicInteger identification = new AtomicInteger();
  private final AtomicLong read = new AtomicLong();
  private final AtomicLong learned = new AtomicLong();
  private final AtomicLong malformed = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong late = new AtomicLong();
  private final Thread reader = Thread.ofVirtual().name("dns answers").unstarted(this::run);

  /**
   * @param mtu of the pods, in bytes
   */
  public DnsAnswers(DnsLearning learning, Installed installed, UdpSweep.Sender sender, int mtu) {
    this.learning = learning;
    this.installed = installed;
    this.sender = sender;
    this.mtu = mtu;
  }

  public void start() {
    reader.start();
  }

  /**
   * Takes an answer; returns at once. Where too many wait already it is dropped, and the pod asks
   * again.
   *
   * @param port of the pod that it is for
   * @param frame from its Ethernet header on
   */
  public void packetIn(int port, Bits frame) {
    if (!queue.offer(new Held(port, frame))) {
      dropped.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        Held held = queue.take();
        try {
          read(held);
        } catch (RuntimeException e) {
          LOG.error("a DNS answer could not be handled; its pod asks again", e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("no more DNS answers are read");
    }
  }

  private void read(Held held) {
    read.incrementAndGet();
    Optional<CompletableFuture<Set<Owner>>> lesson = learn(held);
    if (lesson.isEmpty()) {
      deliver(held);
    } else if (room.tryAcquire()) {
      learned.incrementAndGet();
      Thread.ofVirtual().start(() -> deliverWhen(lesson.get(), held));
    } else {
      late.incrementAndGet();
      deliver(held);
    }
  }

  private Optional<CompletableFuture<Set<Owner>>> learn(Held held) {
    Optional<byte[]> message = Datagram.payload(held.frame.toByteArray());
    try {
      Optional<DnsAnswer> answer =
          message.isPresent() ? DnsAnswer.read(message.get()) : Optional.empty();
      return answer.flatMap(learning::learn);
    } catch (MalformedException e) {
      malformed.incrementAndGet();
      LOG.debug("a DNS answer {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void deliverWhen(CompletableFuture<Set<Owner>> wished, Held held) {
    try {
      long start = System.nanoTime();
      Set<Owner> owners = wished.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
      installed.await(owners, PATIENCE.minusNanos(System.nanoTime() - start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    } catch (TimeoutException | ExecutionException | InstallException e) {
      late.incrementAndGet();
      LOG.debug("a DNS answer goes to its pod before its flows are there: {}", e.getMessage());
    } finally {
      room.release();
    }
    deliver(held);
  }

  private void deliver(Held held) {
    List<Action> out = List.of(new Action.Output(held.port));
    try {
      for (byte[] piece :
          Pieces.of(held.frame.toByteArray(), mtu, identification.incrementAndGet())) {
        sender.packetOut(Ports.CONTROLLER, out, piece);
      }
    } catch (SwitchException e) {
      dropped.incrementAndGet();
      LOG.debug("a DNS answer is lost; its pod asks again: {}", e.getMessage());
    }
  }

  public Counts counts() {
    return new Counts(read.get(), learned.get(), malformed.get(), dropped.get(), late.get());
  }

  @Override
  public void close() {
    reader.interrupt();
  }
}
