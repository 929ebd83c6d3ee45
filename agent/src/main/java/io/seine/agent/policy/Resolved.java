package io.seine.agent.policy;

import io.seine.openflow.Ip;
import java.util.HashSet;
import java.util.Set;

/**
 * The addresses of a domain name.
 *
 * @param current connections may be opened to them
 * @param lasting were once its addresses; connections that are open may go on, others not be opened
 */
public record Resolved(Set<Ip> current, Set<Ip> lasting) {
  /** No addresses. */
  public static final Resolved NONE = new Resolved(Set.of(), Set.of());

  public Resolved {
    current = Set.copyOf(current);
    lasting = Set.copyOf(lasting);
  }

  Set<Ip> all() {
    Set<Ip> all = new HashSet<>(current);
    all.addAll(lasting);
    return all;
  }
}
