package io.seine.agent.service;

import io.seine.agent.config.Networks;
import io.seine.openflow.Family;
import io.seine.openflow.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who may use a load balancer's addresses.
 *
 * <p>Where there are ranges, but none of an address's family, no one may use that address: the
 * ranges are a list of those who are let in. (kube-proxy leaves such an address open to all.)
 *
 * @param limited whether there are any, readable or not
 */
record SourceRanges(boolean limited, List<IpPrefix> valid, List<String> invalid) {
  /** No packet has these sources. */
  private static final List<IpPrefix> NOBODY =
      List.of(IpPrefix.parse("0.0.0.0/32"), IpPrefix.parse("::/128"));

  SourceRanges {
    valid = List.copyOf(valid);
    invalid = List.copyOf(invalid);
  }

  static SourceRanges of(List<String> texts) {
    List<IpPrefix> valid = new ArrayList<>();
    List<String> invalid = new ArrayList<>();
    for (String text : texts) {
      parse(text).ifPresentOrElse(valid::add, () -> invalid.add(text));
    }
    return new SourceRanges(!texts.isEmpty(), valid.stream().sorted().distinct().toList(), invalid);
  }

  /** Bits behind the prefix are let pass, as the API server does. */
  private static Optional<IpPrefix> parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      return Optional.empty();
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    return Networks.ip(text.substring(0, slash))
        .filter(address -> length <= address.family().bits())
        .map(address -> IpPrefix.around(address, length));
  }

  /** As a frontend has them: empty for everyone. */
  List<IpPrefix> of(Family family) {
    List<IpPrefix> own = valid.stream().filter(r -> r.family() == family).toList();
    if (!limited || own.stream().anyMatch(r -> r.length() == 0)) {
      return List.of();
    }
    return own.isEmpty() ? NOBODY.stream().filter(r -> r.family() == family).toList() : own;
  }
}
