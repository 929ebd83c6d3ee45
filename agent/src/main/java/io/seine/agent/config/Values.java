package io.seine.agent.config;

import io.seine.openflow.Ip;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of value an option may have. Every parser says in its exception what it expected. */
final class Values {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
  private static final Pattern SERVICE =
      Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern LINK = Pattern.compile("[A-Za-z0-9._-]{1,15}");

  private Values() {}

  static Function<String, Integer> integer(int least, int most) {
    return text -> {
      BigInteger n;
      try {
        n = new BigInteger(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("is not a whole number: '" + text + "'", e);
      }
      if (n.compareTo(BigInteger.valueOf(least)) < 0 || n.compareTo(BigInteger.valueOf(most)) > 0) {
        throw new IllegalArgumentException(text + " is not in " + least + ".." + most);
      }
      return n.intValueExact();
    };
  }

  /** 0 for automatic, or a size that IPv4 guarantees and a datagram can have. */
  static Integer mtu(String text) {
    return text.equals("0") ? Integer.valueOf(0) : integer(576, 65000).apply(text);
  }

  static Boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("is neither true nor false: '" + text + "'");
    };
  }

  static <E extends Enum<E>> Function<String, E> oneOf(Class<E> type) {
    return text ->
        Arrays.stream(type.getEnumConstants())
            .filter(e -> lower(e).equals(text))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("'" + text + "' is none of " + choices(type)));
  }

  static <E extends Enum<E>> String choices(Class<E> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(Values::lower)
        .collect(Collectors.joining(", "));
  }

  private static String lower(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT);
  }

  static Function<String, Duration> duration(Duration least, Duration most) {
    return text -> {
      Matcher m = DURATION.matcher(text);
      if (!m.matches()) {
        throw new IllegalArgumentException(
            "is not a duration such as 500ms, 60s, 5m or 1h: '" + text + "'");
      }
      long n = Long.parseLong(m.group(1));
      Duration d =
          switch (m.group(2)) {
            case "ms" -> Duration.ofMillis(n);
            case "s" -> Duration.ofSeconds(n);
            case "m" -> Duration.ofMinutes(n);
            default -> Duration.ofHours(n);
          };
      if (d.compareTo(least) < 0 || d.compareTo(most) > 0) {
        throw new IllegalArgumentException(
            text + " is not in " + brief(least) + ".." + brief(most));
      }
      return d;
    };
  }

  private static String brief(Duration d) {
    return d.toMillis() % 1000 == 0 ? d.toSeconds() + "s" : d.toMillis() + "ms";
  }

  static Path path(String text) {
    try {
      Path path = Path.of(text);
      if (!path.isAbsolute()) {
        throw new IllegalArgumentException("is not an absolute path: '" + text + "'");
      }
      return path;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("is not a path: '" + text + "'", e);
    }
  }

  static URI url(String text) {
    try {
      URI uri = new URI(text);
      if (uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is not a URL: '" + text + "'", e);
    }
    throw new IllegalArgumentException("is not an http or https URL: '" + text + "'");
  }

  static String nodeName(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("is not a node name: '" + text + "'");
    }
    return text;
  }

  /** What a label may hold, but not nothing. */
  static String labelValue(String text) {
    if (!LABEL_VALUE.matcher(text).matches()) {
      throw new IllegalArgumentException("is not a label value: '" + text + "'");
    }
    return text;
  }

  /** A service by its name or by its cluster IP. */
  static String service(String text) {
    if (Networks.ip(text).isEmpty() && !SERVICE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "is neither a service such as kube-system/kube-dns nor an IP address: '" + text + "'");
    }
    return text;
  }

  /** A network of either family, without host bits. */
  static String network(String text) {
    if (Networks.network(text).isEmpty()) {
      throw new IllegalArgumentException(
          hasHostBits(text)
              ? "has bits set behind its prefix length, so it is an address and not a network: '"
                  + text
                  + "'"
              : "is not an IP network such as 10.0.0.0/16 or fd00::/64: '" + text + "'");
    }
    return text;
  }

  private static boolean hasHostBits(String text) {
    int slash = text.indexOf('/');
    Optional<Ip> address = Networks.ip(text.substring(0, Math.max(slash, 0)));
    String length = text.substring(slash + 1);
    return address.isPresent()
        && length.matches("[0-9]{1,3}")
        && Integer.parseInt(length) <= address.get().family().bits();
  }

  static String link(String text) {
    if (!LINK.matcher(text).matches() || text.equals(".") || text.equals("..")) {
      throw new IllegalArgumentException(
          "is not an interface name (at most 15 letters, digits, '.', '_', '-'): '" + text + "'");
    }
    return text;
  }

  /** An address of either family; IPv4 octets with leading zeros are refused. */
  static String ip(String text) {
    if (Networks.ip(text).isEmpty()) {
      throw new IllegalArgumentException("is not an IP address: '" + text + "'");
    }
    return text;
  }
}
