package io.seine.agent.policy;

import io.seine.openflow.Ip;
import io.seine.openflow.IpPrefix;
import io.seine.pipeline.policy.Block;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads blocks of addresses. */
final class Blocks {
  /** A block, with or without excepts. */
  sealed interface Read {}

  record Whole(IpPrefix cidr) implements Read {}

  record Less(Block block) implements Read {}

  private Blocks() {}

  /**
   * @return empty if it cannot be used, so that the peer is nobody
   */
  static Optional<Read> read(String cidr, List<String> excepts, Complaints complaints) {
    Optional<IpPrefix> block = cidr(cidr);
    if (block.isEmpty()) {
      complaints.say("InvalidCidr", "'%s' is not a CIDR; the peer matches nothing".formatted(cidr));
      return Optional.empty();
    }
    Set<IpPrefix> taken = new HashSet<>();
    for (String text : excepts) {
      Optional<IpPrefix> except = cidr(text);
      if (except.isEmpty()) {
        complaints.say(
            "InvalidExcept",
            "the except '%s' of %s is not a CIDR; the peer matches nothing".formatted(text, cidr));
        return Optional.empty();
      }
      switch (lie(except.get(), block.get())) {
        case WITHIN -> taken.add(except.get());
        case COVERING -> {
          complaints.say(
              "InvalidExcept",
              "the except '%s' takes all of %s; the peer matches nothing".formatted(text, cidr));
          return Optional.empty();
        }
        case OTHER_FAMILY ->
            complaints.say(
                "InvalidExcept",
                "the except '%s' is of another IP family than %s and takes nothing from it"
                    .formatted(text, cidr));
        case OUTSIDE ->
            complaints.say(
                "InvalidExcept",
                "the except '%s' is not within %s and takes nothing from it".formatted(text, cidr));
      }
    }
    return Optional.of(
        taken.isEmpty() ? new Whole(block.get()) : new Less(new Block(block.get(), taken)));
  }

  private enum Lie {
    WITHIN,
    COVERING,
    OTHER_FAMILY,
    OUTSIDE
  }

  private static Lie lie(IpPrefix except, IpPrefix block) {
    if (except.family() != block.family()) {
      return Lie.OTHER_FAMILY;
    }
    if (except.length() <= block.length() && except.contains(block.network())) {
      return Lie.COVERING;
    }
    return block.contains(except.network()) ? Lie.WITHIN : Lie.OUTSIDE;
  }

  /** The API takes a CIDR with bits behind the prefix, and means the block around it. */
  static Optional<IpPrefix> cidr(String text) {
    int slash = text.indexOf('/');
    String length = text.substring(slash + 1);
    if (slash < 0 || length.isEmpty() || length.length() > 3) {
      return Optional.empty();
    }
    if (!length.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    int bits = Integer.parseInt(length);
    try {
      Ip address = Ip.parse(text.substring(0, slash));
      return bits > address.family().bits()
          ? Optional.empty()
          : Optional.of(IpPrefix.around(address, bits));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // what was expected of such a text is said by who asks
    }
  }
}
