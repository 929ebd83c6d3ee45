package io.seine.agent.service;

import io.seine.openflow.Ip;
import java.util.Optional;

/** Gives the addresses that stand in for external ones between the host and the switch. */
public interface StandInSource {
  /** The same at every call; empty if there are none left. */
  Optional<Ip> of(Ip external);
}
