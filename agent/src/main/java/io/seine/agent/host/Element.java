package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;

/** One element of the sets and maps of the packet filter's table for services. */
sealed interface Element permits Diversion, Element.Own {
  /** One of the node's own addresses. */
  record Own(Ip address) implements Element {
    @Override
    public Family family() {
      return address.family();
    }

    @Override
    public ElementKey key() {
      return new ElementKey.Own(address);
    }
  }

  Family family();

  ElementKey key();
}
