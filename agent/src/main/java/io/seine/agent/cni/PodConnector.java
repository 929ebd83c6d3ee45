package io.seine.agent.cni;

import io.grpc.Deadline;
import io.seine.agent.ipam.Allocation;
import io.seine.agent.netlink.NetlinkException;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.Addresses;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Connects a pod: addresses, devices, row, flows. A failure at any step undoes the ones before, in
 * reverse; what cannot be undone then (the database is away) keeps its addresses and is left to
 * DEL, which the runtime sends after a failed ADD.
 */
final class PodConnector {
  private final CniNode node;
  private final PodTable table;
  private final PodDisconnector disconnector;
  private final InstantSource clock;

  /** An ADD, understood. */
  record Order(
      Attachment attachment, String netns, PodIdentity identity, NetworkConfig config, int mtu) {}

  PodConnector(CniNode node, PodTable table, PodDisconnector disconnector, InstantSource clock) {
    this.node = node;
    this.table = table;
    this.disconnector = disconnector;
    this.clock = clock;
  }

  /** The attachment's lock is held. */
  PodPort connect(Order order, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    Optional<PodPort> existing = node.ports().find(order.attachment());
    if (existing.isPresent()) {
      if (isStillHeld(existing.get(), order)) {
        return repeat(existing.get(), order.identity().uid(), deadline);
      }
      disconnector.disconnect(order.attachment(), Optional.empty());
    }
    List<Ip> addresses = allocate(order, deadline);
    PodPort port =
        new PodPort(
            order.identity().portName(order.attachment()),
            order.attachment(),
            order.config().name(),
            order.netns(),
            order.identity().namespace(),
            order.identity().pod(),
            addresses,
            Addresses.macOf(addresses.getFirst()),
            order.mtu());
    table.making(port.portName());
    try {
      return connect(port, order.identity().uid(), deadline);
    } finally {
      table.made(port.portName());
    }
  }

  private PodPort connect(PodPort port, String uid, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    boolean device = false;
    boolean row = false;
    try {
      createDevices(port);
      device = true;
      checkTime(deadline, port);
      row = true;
      int ofport = node.ports().add(port, step(deadline));
      checkTime(deadline, port);
      LocalPod pod = port.localPod(ofport);
      table.connected(port.attachment(), pod);
      node.network().connected(pod, uid, step(deadline));
      return port;
    } catch (CniError | IOException | InterruptedException | RuntimeException failure) {
      undo(port, device, row, failure);
      throw failure;
    }
  }

  private void undo(PodPort port, boolean device, boolean row, Exception failure) {
    // An interrupt would make the undoing fail as well; it is set again at the end.
    boolean interrupted = Thread.interrupted();
    try {
      Optional<LocalPod> pod = table.pod(port.attachment());
      if (pod.isPresent()) {
        node.network().disconnected(pod.get());
        table.disconnected(port.attachment());
      }
      if (row) {
        node.ports().remove(port.portName());
        node.pools().release(port.addresses());
      } else {
        node.pools().cancel(port.addresses());
      }
      if (device) {
        node.links().delete(port.portName());
      }
    } catch (InterruptedException e) {
      interrupted = true;
      table.keepAddresses(port.attachment(), port.addresses());
      failure.addSuppressed(e);
    } catch (IOException | RuntimeException e) {
      table.keepAddresses(port.attachment(), port.addresses());
      failure.addSuppressed(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * A runtime does not send ADD twice without a DEL between, but the answer to the first can get
   * lost on its way. The same container with the same interface, still as it was wired, gets the
   * same answer; its flows are made certain once more.
   */
  private PodPort repeat(PodPort port, String uid, Deadline deadline)
      throws IOException, InterruptedException, CniError {
    node.links().configure(port, node.podSide(port));
    Optional<Integer> ofport = node.ports().ofport(port.portName());
    if (ofport.isEmpty()) {
      throw new CniError(
          CniError.TRY_AGAIN_LATER,
          port.owner() + " has port " + port.portName() + ", but the switch has not opened it",
          "see ovs-vswitchd's log for the device's error");
    }
    LocalPod pod = port.localPod(ofport.get());
    table.connected(port.attachment(), pod);
    node.network().connected(pod, uid, step(deadline));
    return port;
  }

  private boolean isStillHeld(PodPort port, Order order) throws IOException {
    if (!port.netns().equals(order.netns()) || !node.links().exists(port.portName())) {
      return false;
    }
    return node.links()
        .inspect(order.netns(), order.attachment().ifname())
        .flatMap(PodLinks.Found::mac)
        .equals(Optional.of(port.mac()));
  }

  private void createDevices(PodPort port) throws CniError, IOException {
    try {
      create(port);
    } catch (NetlinkException e) {
      if (e.isExists() && node.links().delete(port.portName())) {
        // Left by a run of the agent that ended between making the devices and writing the row.
        createAgain(port);
      } else {
        throw explain(port, e);
      }
    }
  }

  private void createAgain(PodPort port) throws CniError, IOException {
    try {
      create(port);
    } catch (NetlinkException e) {
      throw explain(port, e);
    }
  }

  private void create(PodPort port) throws IOException {
    node.links().create(port, node.podSide(port));
  }

  private static CniError explain(PodPort port, NetlinkException e) {
    if (e.isExists()) {
      return new CniError(
          CniError.INTERFACE_EXISTS,
          "interface " + port.attachment().ifname() + " is in " + port.netns() + " already",
          "another plugin made it, or two networks use the same interface name",
          e);
    }
    return new CniError(
        e.isNotFound() ? CniError.UNKNOWN_CONTAINER : CniError.IO_FAILURE,
        "the interface of " + port.owner() + " cannot be made: " + e.getMessage(),
        e.isNotFound() ? "the container may have gone meanwhile" : "",
        e);
  }

  private List<Ip> allocate(Order order, Deadline deadline) throws CniError, InterruptedException {
    List<Ip> asked = order.config().wanted();
    List<Ip> wanted = asked.isEmpty() ? order.identity().wanted() : asked;
    while (true) {
      Allocation allocation = node.pools().allocate(wanted);
      switch (allocation) {
        case Allocation.Given given -> {
          return given.addresses();
        }
        case Allocation.Refused refused ->
            throw new CniError(
                refused.permanent() ? CniError.INVALID_CONFIG : CniError.TRY_AGAIN_LATER,
                "address " + refused.address() + " cannot be given: " + refused.reason(),
                "leave the address out to have a free one");
        case Allocation.Exhausted exhausted -> {
          if (!waitFor(exhausted, deadline)) {
            throw exhausted(exhausted);
          }
        }
      }
    }
  }

  /** Whether it was worth waiting: an address comes free within the request's time. */
  private boolean waitFor(Allocation.Exhausted exhausted, Deadline deadline)
      throws InterruptedException {
    if (exhausted.nextAt().isEmpty()) {
      return false;
    }
    Instant now = clock.instant();
    Duration wait = Duration.between(now, exhausted.nextAt().get()).plusMillis(1);
    if (wait.compareTo(step(deadline)) >= 0) {
      return false;
    }
    TimeUnit.NANOSECONDS.sleep(Math.max(1, wait.toNanos()));
    return true;
  }

  private CniError exhausted(Allocation.Exhausted exhausted) {
    String family = exhausted.cidr().family() == Family.IPV4 ? "IPv4" : "IPv6";
    String message =
        "no %s address for a pod is free in %s: %s"
            .formatted(family, exhausted.cidr(), exhausted.usage());
    String details = "delete pods of this node, or give the node a larger pod CIDR";
    node.events().warn("PodAddressesExhausted", message + "; " + details);
    return new CniError(CniError.TRY_AGAIN_LATER, message, details);
  }

  private Duration step(Deadline deadline) {
    Duration left = Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    return left.compareTo(node.stepTimeout()) < 0 ? left : node.stepTimeout();
  }

  private static void checkTime(Deadline deadline, PodPort port) throws CniError {
    if (deadline.isExpired()) {
      throw new CniError(
          CniError.TRY_AGAIN_LATER,
          "the time for connecting " + port.owner() + " ran out",
          "the node may be overloaded");
    }
  }
}
