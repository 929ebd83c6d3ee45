package io.seine.agent;

import io.seine.agent.capability.Capabilities;
import io.seine.openflow.SwitchException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connected switch can do, found out at each connection. A switch that holds back traffic
 * until its flows are back translates nothing, so that one is asked when it lets go. Safe for any
 * thread.
 */
final class SwitchCapabilities {
  private static final Logger LOG = LoggerFactory.getLogger(SwitchCapabilities.class);

  private final Path socket;
  private final Consumer<Capabilities> found;
  private final SwitchWatch watch;
  private final AtomicBoolean due = new AtomicBoolean();
  private volatile Optional<Capabilities> known = Optional.empty();

  /**
   * @param socket the bridge's management socket
   * @param found told each time
   */
  SwitchCapabilities(Path socket, Consumer<Capabilities> found, SwitchWatch watch) {
    this.socket = socket;
    this.found = found;
    this.watch = watch;
  }

  /**
   * At first before anything is installed; later beside it, so that flows are back at once.
   *
   * @param holdsBack whether the switch forwards nothing until {@link #released}
   */
  void connected(boolean holdsBack) {
    if (holdsBack) {
      due.set(true);
    } else if (known.isEmpty()) {
      ask();
    } else {
      Thread.startVirtualThread(this::ask);
    }
  }

  /** The switch forwards. */
  void released() {
    if (due.getAndSet(false)) {
      Thread.startVirtualThread(this::ask);
    }
  }

  private void ask() {
    try {
      Capabilities now = Capabilities.of(socket);
      if (!known.equals(Optional.of(now))) {
        LOG.info("the switch translates SCTP ports: {}", now.sctpPorts());
      }
      known = Optional.of(now);
      found.accept(now);
    } catch (SwitchException e) {
      watch.trouble("whether the switch translates SCTP ports is not known: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Empty until it is known. */
  Optional<Capabilities> known() {
    return known;
  }
}
