package io.seine.agent.host;

import io.seine.agent.host.NodeAddresses.Own;
import io.seine.agent.netlink.AddressEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the node's own addresses: reads them when the kernel says that some address changed, and
 * once in a while in case it was not heard. The listener is called on the watch's thread.
 */
public final class NodeAddressWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeAddressWatch.class);

  private final NodeAddresses addresses;
  private final AddressEvents events;
  private final Duration period;
  private final Consumer<Own> listener;
  private final Thread thread;
  private Optional<Own> told = Optional.empty();
  private final CountDownLatch closing = new CountDownLatch(1);

  private NodeAddressWatch(
      NodeAddresses addresses, AddressEvents events, Duration period, Consumer<Own> listener) {
    this.addresses = addresses;
    this.events = events;
    this.period = period;
    this.listener = listener;
    // The wait is inside the kernel, which would hold the carrier of a virtual thread.
    this.thread = Thread.ofPlatform().daemon().name("node-addresses").unstarted(this::run);
  }

  /**
   * Tells the addresses there are before it returns, and then each change.
   *
   * @param events closed together with the watch
   * @param period after which to read them in any case
   * @throws IOException if they cannot be read
   */
  public static NodeAddressWatch start(
      NodeAddresses addresses, AddressEvents events, Duration period, Consumer<Own> listener)
      throws IOException {
    NodeAddressWatch watch = new NodeAddressWatch(addresses, events, period, listener);
    watch.look();
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (closing.getCount() > 0) {
        follow();
      }
    } catch (InterruptedException e) {
      LOG.debug("the node's addresses are not followed any more");
    }
  }

  private void follow() throws InterruptedException {
    try {
      boolean _ = events.await(period);
      if (closing.getCount() > 0) {
        look();
      }
    } catch (IOException e) {
      LOG.warn("the node's addresses cannot be followed: {}", e.getMessage());
      boolean _ = closing.await(period.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void look() throws IOException {
    Own now = addresses.read();
    if (!told.equals(Optional.of(now))) {
      LOG.info("the node's addresses: all={} nodePorts={}", now.all(), now.nodePorts());
      listener.accept(now);
      told = Optional.of(now);
    }
  }

  @Override
  public void close() throws IOException {
    closing.countDown();
    events.close();
  }
}
