package io.seine.cli.flows;

import io.seine.agent.verdict.Transport;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code seine why} is asked of: {@code web/front:80/tcp}, {@code svc/web/front:http}, {@code
 * [fd00::1]:53/udp}, {@code node-1}.
 *
 * @param name of whom, as written
 * @param transport as written; not said with a name for the port it is the port's, else TCP
 * @param port a number of 1 to 65535 or a name; empty for a ping
 */
record WhyTarget(String name, Optional<Transport> transport, String port) {
  private static final Pattern BRACKETED = Pattern.compile("\\[(.*)](?::(.+))?");
  private static final Pattern PORT =
      Pattern.compile("([0-9]{1,5}|[0-9a-z-]*[a-z][0-9a-z-]*)(?:/([a-zA-Z]+))?");

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
      return new WhyTarget(name, Optional.of(Transport.ICMP), "");
    }
    Matcher matcher = PORT.matcher(port);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "the destination is NAME[:PORT[/PROTOCOL]], with a number or a name for the port, not"
              + " ':%s'".formatted(port));
    }
    WhyTarget target =
        new WhyTarget(
            name, Optional.ofNullable(matcher.group(2)).map(WhyTarget::protocol), matcher.group(1));
    target
        .number()
        .ifPresent(number -> {
          if (number < 1 || number > 65535) {
            throw new IllegalArgumentException("ports are 1 to 65535, not " + number);
          }
        });
    return target;
  }

  private static Transport protocol(String text) {
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "TCP" -> Transport.TCP;
      case "UDP" -> Transport.UDP;
      case "SCTP" -> Transport.SCTP;
      default ->
          throw new IllegalArgumentException(
              "the protocol is tcp, udp or sctp, not '%s'; without a port it is a ping"
                  .formatted(text));
    };
  }

  boolean ping() {
    return port.isEmpty();
  }

  /** The port, if that is written as a number. */
  OptionalInt number() {
    return port.matches("[0-9]+") ? OptionalInt.of(Integer.parseInt(port)) : OptionalInt.empty();
  }

  /** Whether a port with this number, name and protocol is meant. */
  boolean means(int number, String called, String protocol) {
    boolean same = number().isPresent() ? number().getAsInt() == number : port.equals(called);
    Optional<Transport> wanted =
        number().isPresent() ? transport.or(() -> Optional.of(Transport.TCP)) : transport;
    return same && wanted.map(w -> w.name().equals(protocol)).orElse(true);
  }

  /** {@code TCP 80}, {@code port http}, {@code ICMP}. */
  String service() {
    if (ping()) {
      return Transport.ICMP.name();
    }
    return number().isPresent()
        ? transport.orElse(Transport.TCP) + " " + port
        : transport.map(t -> t + " ").orElse("") + "port " + port;
  }
}
