package io.seine.agent.verdict;

import io.seine.agent.kube.PodInfo;
import io.seine.openflow.Ip;
import java.util.Optional;

/**
 * One direction of a connection.
 *
 * @param pod that is judged
 */
record Scene(World world, Direction direction, PodInfo pod, Connection connection) {

  /** Who is at the other end. */
  Ip other() {
    return direction == Direction.EGRESS ? connection.destination() : connection.source();
  }

  PeerCheck peers() {
    return new PeerCheck(world, other(), direction == Direction.EGRESS ? "destination" : "source");
  }

  /** Named ports are those of the pod that the connection is to, whichever pod is judged. */
  PortCheck ports() {
    return new PortCheck(connection, world.podAt(connection.destination()));
  }

  /** Ports of one that has no names for them. */
  PortCheck portsWithoutNames() {
    return new PortCheck(connection, Optional.empty());
  }
}
