package io.seine.agent.policy;

import io.seine.pipeline.ServiceFact.Protocol;
import io.seine.pipeline.policy.PortRange;
import java.util.Optional;

/** Reads what objects say of ports. What cannot be used matches nothing, and is said. */
final class PortEntries {
  private static final int MAX = 0xffff;

  private PortEntries() {}

  static Optional<Protocol> known(String text) {
    return switch (text) {
      case "TCP" -> Optional.of(Protocol.TCP);
      case "UDP" -> Optional.of(Protocol.UDP);
      case "SCTP" -> Optional.of(Protocol.SCTP);
      default -> Optional.empty();
    };
  }

  static Optional<Protocol> protocol(String text, Complaints complaints) {
    Optional<Protocol> protocol = known(text);
    if (protocol.isEmpty()) {
      complaints.say(
          "InvalidPort",
          "the protocol '%s' is not TCP, UDP or SCTP; the port matches nothing".formatted(text));
    }
    return protocol;
  }

  /** Whether it is no number; a name has a letter. */
  static boolean isName(String port) {
    return !port.isEmpty() && !port.matches("-?[0-9]+");
  }

  /**
   * @param port a number, or empty for all
   */
  static Optional<PortRange> range(
      Protocol protocol, String port, Optional<Integer> endPort, Complaints complaints) {
    if (port.isEmpty()) {
      if (endPort.isPresent()) {
        complaints.say(
            "InvalidPort",
            "endPort %d has no port to begin from; the port matches nothing"
                .formatted(endPort.get()));
        return Optional.empty();
      }
      return Optional.of(PortRange.all(protocol));
    }
    int first = port.length() > 6 ? -1 : Integer.parseInt(port);
    return range(protocol, first, endPort.orElse(first), complaints);
  }

  static Optional<PortRange> range(Protocol protocol, int first, int last, Complaints complaints) {
    if (first < 1 || first > MAX || last < 1 || last > MAX) {
      complaints.say(
          "InvalidPort",
          "a port is 1 to 65535, not %d; the port matches nothing"
              .formatted(first < 1 || first > MAX ? first : last));
      return Optional.empty();
    }
    if (last < first) {
      complaints.say(
          "InvalidPort",
          "the range of ports ends at %d, before it begins at %d; the port matches nothing"
              .formatted(last, first));
      return Optional.empty();
    }
    return Optional.of(new PortRange(protocol, first, last));
  }
}
