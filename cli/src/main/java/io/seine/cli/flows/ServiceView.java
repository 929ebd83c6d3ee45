package io.seine.cli.flows;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceFact.Endpoint;
import io.seine.pipeline.ServiceFact.Kind;
import io.seine.pipeline.ServiceFact.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All of one service on one node: what the node's agent makes of it, and what the switch has done
 * for it so far.
 *
 * @param notServed why the switch has nothing of it; empty if it has something
 * @param healthCheckPort 0 without one
 * @param problems what is refused or left out of it, and why
 */
record ServiceView(
    String node,
    Owner service,
    Optional<String> notServed,
    int healthCheckPort,
    List<Port> ports,
    List<Refusal> problems) {
  ServiceView {
    ports = List.copyOf(ports);
    problems = List.copyOf(problems);
  }

  /** What the Event on the service says. */
  record Refusal(String reason, String message) {}

  /**
   * One port, in one family.
   *
   * @param name may be empty
   * @param affinitySeconds empty without session affinity
   * @param pools from which endpoints are picked
   */
  record Port(
      String name,
      Protocol protocol,
      int port,
      OptionalInt affinitySeconds,
      List<Entrance> entrances,
      List<Pool> pools,
      List<Backend> backends,
      List<Remembered> remembered) {
    Port {
      entrances = List.copyOf(entrances);
      pools = List.copyOf(pools);
      backends = List.copyOf(backends);
      remembered = List.copyOf(remembered);
    }
  }

  /** Who comes in. */
  enum From {
    EVERYWHERE,
    /** Pods, and the node's own processes. */
    INSIDE,
    OUTSIDE
  }

  /** What becomes of a new connection. */
  enum Treatment {
    /** It goes to one of the endpoints, wherever they are. */
    ANY_ENDPOINT,
    /** It goes to one of this node's, which sees the client's address. */
    LOCAL_ENDPOINT,
    /** There are endpoints, but none on this node, and the policy is Local. */
    DROPPED,
    /** There is no endpoint. */
    REFUSED
  }

  /**
   * A way to the service.
   *
   * @param addresses of a node port those of the node, else one
   * @param standIn what the host puts in the place of the address
   * @param sources who alone may come in; empty for all
   * @param packets first packets of connections that took it
   * @param othersDropped packets of those who may not come in
   * @param missing flows that the switch should have for it and has not
   */
  record Entrance(
      Kind kind,
      List<Ip> addresses,
      int port,
      Optional<Ip> standIn,
      From from,
      Treatment treatment,
      List<IpPrefix> sources,
      long packets,
      long othersDropped,
      int missing) {
    Entrance {
      addresses = List.copyOf(addresses);
      sources = List.copyOf(sources);
    }
  }

  /**
   * A group of endpoints.
   *
   * @param local whether it is of this node's endpoints only
   * @param method how the switch picks; empty if the group is not in the switch
   */
  record Pool(boolean local, int group, Optional<String> method) {}

  /**
   * Part of the new connections that an endpoint gets, and how many packets, that is first packets
   * of connections, it was given.
   *
   * @param part 0 to 1
   */
  record Share(double part, long hits) {}

  /** What an EndpointSlice says of an endpoint. */
  enum State {
    READY,
    TERMINATING,
    NOT_READY,
    /** No slice has it, but the switch does. */
    GONE
  }

  /**
   * One endpoint.
   *
   * @param owner the pod, if it is known
   * @param node where it is; empty if not said
   * @param here whether that is this node
   * @param share of connections that any endpoint may take; empty if it gets none
   * @param localShare of those that stay on the node
   * @param unused why it gets none that any endpoint may take; empty if it gets some
   */
  record Backend(
      Endpoint endpoint,
      Optional<Owner> owner,
      String node,
      boolean here,
      State state,
      Optional<Share> share,
      Optional<Share> localShare,
      String unused) {}

  /**
   * A client that stays with its endpoint.
   *
   * @param endpoint empty if it is gone
   * @param idle since its last new connection
   * @param left until it is forgotten
   */
  record Remembered(Ip client, Optional<Endpoint> endpoint, Duration idle, Duration left) {}
}
