package io.seine.cli.flows;

import io.seine.agent.verdict.Transport;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code seine why} is asked of: {@code web/front:80/tcp}, {@code svc/web/front:80}, {@code
 * [fd00::1]:53/udp}, {@code node-1}.
 *
 * @param name of whom, as written
 * @param port 0 for a ping
 */
record WhyTarget(String name, Transport transport, int port) {
  private static final Pattern BRACKETED = Pattern.compile("\\[(.*)](?::(.+))?");
  private static final Pattern PORT = Pattern.compile("([0-9]{1,5})(?:/([a-zA-Z]+))?");

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it is none, and why
   */
  static WhyTarget parse(String text) {
    Matcher bracketed = BRACKETED.matcher(text);
    if (bracketed.matches()) {
      return of(bracketed.group(1), bracketed.group(2) == null ? "" : bracketed.group(2));
    }
    int colon = text.indexOf(':');
    boolean one = colon >= 0 && colon == text.lastIndexOf(':');
    return one ? of(text.substring(0, colon), text.substring(colon + 1)) : of(text, "");
  }

  private static WhyTarget of(String name, String port) {
    if (port.isEmpty()) {
      return new WhyTarget(name, Transport.ICMP, 0);
    }
    Matcher matcher = PORT.matcher(port);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "the destination is NAME[:PORT[/PROTOCOL]], with a number for the port, not ':%s'"
              .formatted(port));
    }
    int number = Integer.parseInt(matcher.group(1));
    String protocol = matcher.group(2) == null ? "TCP" : matcher.group(2).toUpperCase(Locale.ROOT);
    if (number < 1 || number > 65535) {
      throw new IllegalArgumentException("ports are 1 to 65535, not " + number);
    }
    return switch (protocol) {
      case "TCP" -> new WhyTarget(name, Transport.TCP, number);
      case "UDP" -> new WhyTarget(name, Transport.UDP, number);
      case "SCTP" -> new WhyTarget(name, Transport.SCTP, number);
      default ->
          throw new IllegalArgumentException(
              "the protocol is tcp, udp or sctp, not '%s'; without a port it is a ping"
                  .formatted(protocol));
    };
  }
}
