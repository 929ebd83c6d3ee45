package io.seine.pipeline.policy;

import java.util.Set;

/** Which connections a rule is about, by protocol and destination port. */
public sealed interface Ports {
  /** Any protocol at all. */
  record Any() implements Ports {}

  /** These only. None: the rule matches nothing. */
  record Some(Set<PortRange> ranges) implements Ports {
    public Some {
      ranges = Set.copyOf(ranges);
    }
  }

  Ports ANY = new Any();
}
