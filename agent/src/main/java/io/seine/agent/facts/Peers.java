package io.seine.agent.facts;

import io.seine.pipeline.PeerNode;

/** Connects this node with others. Methods return at once; for one peer the last call counts. */
public interface Peers {
  void put(PeerNode peer);

  void remove(String name);
}
