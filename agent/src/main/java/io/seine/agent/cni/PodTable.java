package io.seine.agent.cni;

import io.seine.openflow.Ip;
import io.seine.pipeline.LocalPod;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What this run of the agent knows of its attachments besides their rows: which pods it connected,
 * which addresses an attachment holds while its row is not certain, and which host devices are
 * being made. Thread safe; an attachment's entries change only under its lock.
 */
final class PodTable {
  private final ConcurrentHashMap<Attachment, LocalPod> connected = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Attachment, List<Ip>> uncertain = new ConcurrentHashMap<>();
  private final Set<String> making = ConcurrentHashMap.newKeySet();

  void connected(Attachment attachment, LocalPod pod) {
    connected.put(attachment, pod);
  }

  void disconnected(Attachment attachment) {
    connected.remove(attachment);
  }

  Optional<LocalPod> pod(Attachment attachment) {
    return Optional.ofNullable(connected.get(attachment));
  }

  Collection<LocalPod> pods() {
    return List.copyOf(connected.values());
  }

  /** The row may or may not be there: the addresses stay taken until DEL has seen to them. */
  void keepAddresses(Attachment attachment, List<Ip> addresses) {
    uncertain.put(attachment, addresses);
  }

  /** Those kept, which the caller has to release; empty if there are none. */
  List<Ip> takeAddresses(Attachment attachment) {
    return Objects.requireNonNullElse(uncertain.remove(attachment), List.of());
  }

  /** A device without a row is not an orphan while it is being made. */
  void making(String portName) {
    making.add(portName);
  }

  void made(String portName) {
    making.remove(portName);
  }

  boolean isMaking(String portName) {
    return making.contains(portName);
  }
}
