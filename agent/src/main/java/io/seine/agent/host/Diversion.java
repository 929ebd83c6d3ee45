package io.seine.agent.host;

import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.ServiceFact.Frontend;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Protocol;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Traffic that the host hands to the switch although it is not for the pod network: one address,
 * protocol and port. Every other port of the same address stays with the host.
 */
public sealed interface Diversion extends Element {
  Protocol protocol();

  /** What clients connect to, 1 to 65535; it is not changed on the way. */
  int port();

  /** A port of each of the node's own addresses of this family. */
  record NodePort(Family family, Protocol protocol, int port) implements Diversion {
    @Override
    public ElementKey key() {
      return new ElementKey.NodePort(family, protocol, port);
    }
  }

  /**
   * A port of an external IP or of a load balancer's address.
   *
   * @param address what clients connect to; may be one of the node's own
   * @param standIn of the same family, see {@link StandIns}
   */
  record External(Ip address, Protocol protocol, int port, Ip standIn) implements Diversion {
    public External {
      if (address.family() != standIn.family()) {
        throw new IllegalArgumentException(
            standIn + " cannot stand in for " + address + ", which is of the other family");
      }
    }

    @Override
    public Family family() {
      return address.family();
    }

    @Override
    public ElementKey key() {
      return new ElementKey.External(address, protocol, port);
    }
  }

  /** All that a service needs: its node ports, and its frontends that have a stand-in. */
  static Set<Diversion> of(ServiceFact service) {
    Set<Diversion> all = new LinkedHashSet<>();
    for (ServiceFact.Port port : service.ports()) {
      for (Frontend frontend : port.frontends()) {
        if (frontend.kind() == Kind.NODE_PORT) {
          all.add(new NodePort(port.family(), port.protocol(), frontend.port()));
        }
        frontend
            .standIn()
            .ifPresent(standIn ->
                all.add(
                    new External(frontend.address(), port.protocol(), frontend.port(), standIn)));
      }
    }
    return all;
  }
}
