package io.seine.pipeline.explain;

import io.seine.openflow.InstalledFlow;
import io.seine.pipeline.Cookie;
import io.seine.pipeline.Owner;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A flow of a switch in words, or several that are alike, folded.
 *
 * @param table the table's name; {@code table 99} if it is none of ours
 * @param owner whose it is; empty if that is not known, or if it is no one's
 * @param kind what the cookie says: the kind of owner; empty for a flow that Seine did not write
 * @param intention what it is for, in words
 * @param match and {@code actions} with names for registers, marks, tables, addresses and ports
 * @param group what it picks from, if it does
 * @param mentions the pods, services and nodes in it, its owner among them
 * @param count how many flows this stands for
 * @param packets and {@code bytes} of all of them
 * @param age of the oldest
 * @param raw the flow, or the first of them
 */
public record ExplainedFlow(
    String table,
    int tableNumber,
    int priority,
    Optional<Owner> owner,
    Optional<Owner.Kind> kind,
    String intention,
    String match,
    String actions,
    Optional<ExplainedGroup> group,
    Set<Owner> mentions,
    int count,
    long packets,
    long bytes,
    Duration age,
    InstalledFlow raw) {
  public ExplainedFlow {
    mentions = Set.copyOf(mentions);
  }

  /**
   * Whose it is: a name, a kind when the name is not known, {@code altered} for a flow of Seine's
   * that someone has changed, or {@code foreign}.
   */
  public String ownerText() {
    return owner
        .map(Owner::toString)
        .or(() -> kind.map(k -> k.name().toLowerCase(java.util.Locale.ROOT)))
        .orElseGet(() -> Cookie.kind(raw.cookie()).isPresent() ? "altered" : "foreign");
  }

  /** Whether the pod, service or node is its owner or is in its match or actions. */
  public boolean concerns(Owner someone) {
    return mentions.contains(someone);
  }

  ExplainedFlow foldedWith(ExplainedFlow other) {
    return new ExplainedFlow(
        table,
        tableNumber,
        priority,
        owner.equals(other.owner) ? owner : Optional.empty(),
        kind,
        intention,
        match,
        actions,
        group,
        mentions,
        count + other.count,
        packets + other.packets,
        bytes + other.bytes,
        age.compareTo(other.age) >= 0 ? age : other.age,
        raw);
  }
}
