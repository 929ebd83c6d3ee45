package io.seine.agent.policy;

import io.seine.pipeline.policy.Peers;
import java.util.Optional;

/** What a set of addresses, or one for each number that a port's name has, is made of. */
sealed interface Watched {
  /**
   * Pods.
   *
   * @param port those of them that give a port this name, apart by its number
   */
  record Pods(Selection selection, Optional<String> port) implements Watched {
    @Override
    public String toString() {
      return "pods " + selection + port.map(name -> " port " + name).orElse("");
    }
  }

  record Nodes(Match match) implements Watched {
    @Override
    public String toString() {
      return "nodes " + match;
    }
  }

  /**
   * Addresses of domain names.
   *
   * @param lasting those that were once, for connections that are open
   */
  record Domain(DomainPattern pattern, boolean lasting) implements Watched {
    @Override
    public String toString() {
      String name = "domain " + pattern;
      return lasting ? Peers.lasting(name) : name;
    }
  }
}
