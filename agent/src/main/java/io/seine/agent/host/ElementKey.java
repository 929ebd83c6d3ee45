package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact.Protocol;

/** What identifies an element of the packet filter's sets: there is one at most with each. */
sealed interface ElementKey {
  record NodePort(Family family, Protocol protocol, int port) implements ElementKey {}

  record External(Ip address, Protocol protocol, int port) implements ElementKey {}

  record Own(Ip address) implements ElementKey {}
}
