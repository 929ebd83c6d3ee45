package io.seine.agent.sweep;

import io.seine.openflow.Ip;
import io.seine.pipeline.Probe;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A UDP connection that the switch tracks.
 *
 * @param ends as its opening side sees them
 * @param answering the address that answers: the opening side's destination, or the endpoint of a
 *     service
 */
record Conversation(Probe.Ends ends, Ip answering) {
  // udp,orig=(src=10.0.1.2,dst=10.0.1.3,sport=4000,dport=53),reply=(src=10.0.1.3,...),zone=65520,...
  private static final Pattern UDP =
      Pattern.compile(
          "udp,orig=\\(src=([^,)]+),dst=([^,)]+),sport=(\\d+),dport=(\\d+)\\),reply=\\(src=([^,)]+),.*");

  /**
   * Reads a line of {@code dpctl/dump-conntrack}; empty if it is not about UDP, or not understood.
   */
  static Optional<Conversation> of(String line) {
    Matcher matcher = UDP.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Conversation(
              new Probe.Ends(
                  Ip.parse(matcher.group(1)),
                  Integer.parseInt(matcher.group(3)),
                  Ip.parse(matcher.group(2)),
                  Integer.parseInt(matcher.group(4))),
              Ip.parse(matcher.group(5))));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // an address that is none: not a line of that command
    }
  }
}
