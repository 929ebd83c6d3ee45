package io.seine.sandbox;

import io.seine.sandbox.netns.Namespace;
import io.seine.sandbox.node.Cidr;
import java.io.IOException;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;

/**
 * Somewhere that clients ask from: a pod, a node, or a host outside the cluster.
 *
 * @param name how tests speak of it
 * @param namespace where its sockets are
 * @param addresses its own, one of each family
 */
record Place(String name, Namespace namespace, List<String> addresses) {
  /** What is not answered by then counts as dropped. */
  private static final Duration LIMIT = Duration.ofSeconds(1);

  Place {
    addresses = List.copyOf(addresses);
  }

  /** What became of a question. */
  sealed interface Reply {
    /**
     * Somebody answered.
     *
     * @param pod who
     * @param source the client's address as that pod saw it
     */
    record Answered(String pod, String source) implements Reply {}

    /** A TCP reset, or an ICMP error that says that the port is not reachable. */
    record Refused() implements Reply {}

    /** Nothing came back. */
    record Dropped() implements Reply {}

    /** Something else: no route, an answer that is none. */
    record Failed(String why) implements Reply {}
  }

  String address() {
    return addresses.getFirst();
  }

  /** Its own address of the family of another. */
  String addressLike(String other) {
    return addresses.stream()
        .filter(address -> Cidr.isV6(address) == Cidr.isV6(other))
        .findFirst()
        .orElseThrow();
  }

  /** Asks once, by a connection or datagram of its own. */
  Reply ask(Target target) {
    Probe probe = new Probe(namespace, LIMIT);
    try {
      Probe.Answer answer =
          target.udp()
              ? probe.datagram(target.address(), target.port())
              : probe.http(target.address(), target.port());
      return new Reply.Answered(answer.pod(), answer.client());
    } catch (PortUnreachableException e) {
      return new Reply.Refused();
    } catch (SocketTimeoutException e) {
      return new Reply.Dropped();
    } catch (ConnectException e) {
      return String.valueOf(e.getMessage()).contains("refused")
          ? new Reply.Refused()
          : new Reply.Failed(e.toString());
    } catch (IOException e) {
      return new Reply.Failed(e.toString());
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
