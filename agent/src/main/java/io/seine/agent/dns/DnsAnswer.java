package io.seine.agent.dns;

import io.seine.openflow.Bits;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a DNS answer says of the name that was asked for.
 *
 * @param name in lower case, without a dot at its end
 * @param addresses with the seconds that each is good for: the least of its own record and of the
 *     aliases that lead to it
 */
record DnsAnswer(String name, Map<Ip, Long> addresses) {
  private static final int RESPONSE = 0x8000;
  private static final int OPCODE = 0x7800;
  private static final int RCODE = 0x000f;
  private static final int IN = 1;
  private static final int A = 1;
  private static final int CNAME = 5;
  private static final int AAAA = 28;
  private static final long LONGEST = 0x7fff_ffffL;

  DnsAnswer {
    addresses = Map.copyOf(addresses);
  }

  private record Alias(String target, long ttl) {}

  private record Address(String owner, Ip address, long ttl) {}

  /**
   * Reads a message, as far as its answers go (RFC 1035, section 4). Addresses count that belong to
   * the question's name or to what it is an alias of within this message; what else is there does
   * not.
   *
   * @return empty if it is no answer to one question of the Internet's class, or says that there is
   *     none
   * @throws MalformedException if it is no DNS message, or not a whole one
   */
  static Optional<DnsAnswer> read(byte[] message) throws MalformedException {
    MessageReader reader = new MessageReader(message);
    reader.skip(2);
    int flags = reader.u16();
    int questions = reader.u16();
    int answers = reader.u16();
    reader.skip(4);
    if ((flags & RESPONSE) == 0 || (flags & (OPCODE | RCODE)) != 0 || questions != 1) {
      return Optional.empty();
    }
    String name = reader.name();
    reader.skip(2);
    if (reader.u16() != IN) {
      return Optional.empty();
    }
    Map<String, Alias> aliases = new HashMap<>();
    List<Address> addresses = new ArrayList<>();
    for (int i = 0; i < answers; i++) {
      record(reader, aliases, addresses);
    }
    return Optional.of(new DnsAnswer(name, found(name, aliases, addresses)));
  }

  private static void record(
      MessageReader reader, Map<String, Alias> aliases, List<Address> addresses)
      throws MalformedException {
    String owner = reader.name();
    int type = reader.u16();
    int kind = reader.u16();
    long said = reader.u32();
    // RFC 2181, section 8: one with the topmost bit counts as zero.
    long ttl = said > LONGEST ? 0 : said;
    int length = reader.u16();
    int end = reader.position() + length;
    if (kind == IN && (type == A || type == AAAA)) {
      if (length != (type == A ? 4 : 16)) {
        throw new MalformedException("has an address of %d bytes".formatted(length));
      }
      addresses.add(new Address(owner, Ip.of(Bits.of(reader.take(length))), ttl));
    } else if (kind == IN && type == CNAME) {
      aliases.putIfAbsent(owner, new Alias(reader.name(), ttl));
      if (reader.position() != end) {
        throw new MalformedException("has a name of another length than its record");
      }
    } else {
      reader.skip(length);
    }
  }

  private static Map<Ip, Long> found(
      String name, Map<String, Alias> aliases, List<Address> addresses) {
    Map<String, List<Address>> byOwner = new HashMap<>();
    addresses.forEach(a -> byOwner.computeIfAbsent(a.owner(), o -> new ArrayList<>()).add(a));
    Map<Ip, Long> found = new LinkedHashMap<>();
    Set<String> seen = new HashSet<>();
    String at = name;
    long least = LONGEST;
    while (seen.add(at)) {
      for (Address address : byOwner.getOrDefault(at, List.of())) {
        found.merge(address.address(), Math.min(least, address.ttl()), Math::max);
      }
      Alias alias = aliases.get(at);
      if (alias == null) {
        break;
      }
      least = Math.min(least, alias.ttl());
      at = alias.target();
    }
    return found;
  }
}
