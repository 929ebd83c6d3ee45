package io.seine.agent.cni;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.seine.agent.cni.PodLocks.Held;
import io.seine.agent.host.Transport;
import io.seine.cni.api.v1.InvokeReply;
import io.seine.cni.api.v1.InvokeRequest;
import io.seine.openflow.Family;
import io.seine.pipeline.LocalPod;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Decides every CNI operation. {@link #invoke} may be called by any number of threads; work on one
 * attachment is serial, and each call ends by its deadline or a step later.
 */
public final class CniHandler implements CniService {
  private static final Logger LOG = LoggerFactory.getLogger(CniHandler.class);
  private static final byte[] NOTHING = {};

  private final CniNode node;
  private final CniObserver observer;
  private final PodLocks locks = new PodLocks();
  private final PodTable table = new PodTable();
  private final PodConnector connector;
  private final PodDisconnector disconnector;
  private final PodChecker checker;
  private final PodInventory inventory;

  public CniHandler(CniNode node, InstantSource clock, CniObserver observer) {
    this.node = node;
    this.observer = observer;
    this.disconnector = new PodDisconnector(node, table);
    this.connector = new PodConnector(node, table, disconnector, clock);
    this.checker = new PodChecker(node);
    this.inventory = new PodInventory(node, table);
  }

  /**
   * Takes over what earlier runs left; to be called once, before the first request, and before the
   * flows are compared with the switch.
   *
   * @return the pods whose flows belong in the switch
   */
  public List<LocalPod> adopt() throws IOException {
    return inventory.adopt();
  }

  /** Every pod port of the node. */
  public List<PodPort> ports() throws IOException {
    return node.ports().list();
  }

  /**
   * Takes an attachment off the switch whose pod is known to be gone, as DEL would.
   *
   * @return whether there was anything to remove
   */
  public boolean remove(Attachment attachment) throws IOException, InterruptedException {
    Optional<Held> held = locks.acquire(attachment, node.stepTimeout());
    if (held.isEmpty()) {
      throw new IOException("another operation on " + attachment + " is still going on");
    }
    try (Held _ = held.get()) {
      return disconnector.disconnect(attachment, Optional.empty());
    }
  }

  /**
   * Brings the flows of pods up to date whose port got another number, as after the switch was
   * restarted. To be called when the port rows changed; does nothing for pods that are right.
   */
  public void refresh() throws IOException, InterruptedException {
    for (PodPort port : inventory.changed()) {
      Optional<Held> held = locks.acquire(port.attachment(), Duration.ZERO);
      if (held.isEmpty()) {
        continue; // an ADD or DEL is at work, and will leave it right
      }
      try (Held _ = held.get()) {
        Optional<PodPort> row = node.ports().find(port.attachment());
        Optional<LocalPod> pod = row.isEmpty() ? Optional.empty() : inventory.pod(row.get());
        if (pod.isPresent() && !pod.equals(table.pod(port.attachment()))) {
          table.connected(port.attachment(), pod.get());
          node.network().connected(pod.get(), "", node.stepTimeout());
        }
      }
    }
  }

  @Override
  public InvokeReply invoke(InvokeRequest request, Deadline deadline) {
    long start = System.nanoTime();
    int code = 0;
    InvokeReply reply;
    try {
      reply = reply(0, run(request, deadline));
    } catch (CniError e) {
      code = e.code();
      CniVersion version = NetworkConfig.versionOrNewest(request.getStdin().toByteArray());
      reply = reply(1, CniJson.error(version, e));
      // A runtime asks for the status every few seconds; readiness is logged where it changes.
      LOG.atLevel(request.getCommand().equals("STATUS") ? Level.DEBUG : Level.INFO)
          .log(
              "{} of {}/{} ended with code {}: {}",
              request.getCommand(),
              request.getContainerId(),
              request.getIfname(),
              code,
              e.getMessage());
    }
    String command = commands().contains(request.getCommand()) ? request.getCommand() : "unknown";
    observer.answered(command, code, Duration.ofNanos(System.nanoTime() - start));
    return reply;
  }

  private byte[] run(InvokeRequest request, Deadline deadline) throws CniError {
    try {
      return switch (request.getCommand()) {
        case "ADD" -> add(request, deadline);
        case "DEL" -> delete(request, deadline);
        case "CHECK" -> check(request, deadline);
        case "GC" -> collectGarbage(request, deadline);
        case "STATUS" -> status(request);
        case "VERSION" ->
            CniJson.versions(NetworkConfig.versionOrNewest(request.getStdin().toByteArray()));
        default ->
            throw new CniError(
                CniError.INVALID_ENVIRONMENT,
                "CNI_COMMAND is '" + request.getCommand() + "'",
                "it must be one of " + String.join(", ", commands()));
      };
    } catch (IOException e) {
      String message = "cannot " + request.getCommand() + ": " + e.getMessage();
      LOG.debug(message, e);
      throw new CniError(
          CniError.TRY_AGAIN_LATER, message, "nothing is half done; the runtime tries again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CniError(
          CniError.TRY_AGAIN_LATER, "the agent is stopping", "it will be back shortly", e);
    }
  }

  private byte[] add(InvokeRequest request, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    NetworkConfig config = config(request, CniCommand.ADD);
    Attachment attachment = Requests.attachment(request);
    String netns = Requests.required(request.getNetns(), "CNI_NETNS");
    PodIdentity identity = PodIdentity.parse(request.getArgs());
    int mtu = mtu(config);
    Optional<Readiness.NotReady> notReady = node.readiness().notReady();
    if (notReady.isPresent()) {
      throw new CniError(
          CniError.TRY_AGAIN_LATER,
          "the Seine agent is not ready: " + notReady.get().reason(),
          "try again later; see the agent's log and its /readyz");
    }
    try (Held _ = acquire(attachment, deadline)) {
      PodPort port =
          connector.connect(
              new PodConnector.Order(attachment, netns, identity, config, mtu), deadline);
      return CniJson.result(config, port, node.addresses(port));
    }
  }

  /**
   * Needs neither a readable configuration nor a namespace: what is gone cannot come in its way.
   */
  private byte[] delete(InvokeRequest request, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    Attachment attachment = Requests.attachment(request);
    try (Held _ = acquire(attachment, deadline)) {
      disconnector.disconnect(attachment, Requests.deviceName(request, attachment));
    }
    return NOTHING;
  }

  private byte[] check(InvokeRequest request, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    NetworkConfig config = config(request, CniCommand.CHECK);
    Attachment attachment = Requests.attachment(request);
    try (Held _ = acquire(attachment, deadline)) {
      checker.check(attachment, request.getNetns(), config);
    }
    return NOTHING;
  }

  private byte[] collectGarbage(InvokeRequest request, Deadline deadline)
      throws CniError, IOException, InterruptedException {
    NetworkConfig config = config(request, CniCommand.GC);
    Optional<Set<Attachment>> valid = config.validAttachments();
    if (valid.isEmpty()) {
      throw new CniError(
          CniError.INVALID_CONFIG,
          "GC came without cni.dev/valid-attachments",
          "nothing is removed, since that would remove every pod");
    }
    for (PodPort port : node.ports().list()) {
      if (port.network().equals(config.name()) && !valid.get().contains(port.attachment())) {
        try (Held _ = acquire(port.attachment(), deadline)) {
          LOG.info("removing {} of {}: the runtime has it no more", port.portName(), port.owner());
          disconnector.disconnect(port.attachment(), Optional.empty());
        }
      }
    }
    for (String orphan : inventory.orphans()) {
      LOG.info("removing device {}: no port knows it", orphan);
      node.links().delete(orphan);
    }
    return NOTHING;
  }

  private byte[] status(InvokeRequest request) throws CniError {
    config(request, CniCommand.STATUS);
    Optional<Readiness.NotReady> notReady = node.readiness().notReady();
    if (notReady.isPresent()) {
      throw new CniError(
          notReady.get().connectedPodsSuffer()
              ? CniError.LIMITED_CONNECTIVITY
              : CniError.NOT_AVAILABLE,
          "the Seine agent is not ready: " + notReady.get().reason(),
          "see the agent's log and its /readyz");
    }
    return NOTHING;
  }

  private int mtu(NetworkConfig config) throws CniError {
    int wanted = config.mtu().orElse(node.podMtu());
    if (wanted > node.podMtu()) {
      throw new CniError(
          CniError.INVALID_CONFIG,
          "mtu is " + wanted + ", but pods of this node can have " + node.podMtu() + " at most",
          "leave mtu out to have the node's");
    }
    if (wanted < Transport.SMALLEST_POD_MTU && node.pools().of(Family.IPV6).isPresent()) {
      throw new CniError(
          CniError.INVALID_CONFIG,
          "mtu is " + wanted + ", but pods of this node have IPv6, which needs 1280 at least",
          "leave mtu out to have the node's");
    }
    return wanted;
  }

  private static NetworkConfig config(InvokeRequest request, CniCommand command) throws CniError {
    NetworkConfig config = NetworkConfig.parse(request.getStdin().toByteArray());
    if (!config.version().has(command)) {
      throw new CniError(
          CniError.INCOMPATIBLE_VERSION,
          "CNI version " + config.version() + " has no " + command,
          "set cniVersion to " + command.since() + " or later");
    }
    return config;
  }

  private Held acquire(Attachment attachment, Deadline deadline)
      throws CniError, InterruptedException {
    long left = Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    Optional<Held> held = locks.acquire(attachment, Duration.ofNanos(left));
    if (held.isEmpty()) {
      throw new CniError(
          CniError.TRY_AGAIN_LATER,
          "another operation on container " + attachment.containerId() + " is still going on",
          "try again later");
    }
    return held.get();
  }

  private static List<String> commands() {
    return List.of("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION");
  }

  private static InvokeReply reply(int exitCode, byte[] stdout) {
    return InvokeReply.newBuilder()
        .setExitCode(exitCode)
        .setStdout(ByteString.copyFrom(stdout))
        .build();
  }
}
