package io.seine.cli.flows;

import io.seine.agent.verdict.Answer;
import io.seine.openflow.Ip;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Why a connection is allowed or not: what the policies say, and what the switches would do.
 *
 * @param service what is asked for, {@code TCP 80}
 * @param remarks what limits the answer, or has to be known with it
 * @param ways one for each family in which both have an address; to a service one for each endpoint
 * @param failures why there is no way where there should be one
 */
record WhyView(
    End source,
    End destination,
    String service,
    List<String> remarks,
    List<Way> ways,
    List<Failure> failures) {
  WhyView {
    remarks = List.copyOf(remarks);
    ways = List.copyOf(ways);
    failures = List.copyOf(failures);
  }

  /** Who is at an end. */
  record End(String name, List<Ip> addresses, String node) {
    End {
      addresses = List.copyOf(addresses);
    }

    @Override
    public String toString() {
      String bare = addresses.stream().map(Ip::toString).collect(Collectors.joining(", "));
      String where = node.isEmpty() || node.equals(name) ? "" : node;
      if (name.equals(bare) || bare.isEmpty()) {
        return where.isEmpty() ? name : "%s (%s)".formatted(name, where);
      }
      return "%s (%s%s)".formatted(name, bare, where.isEmpty() ? "" : ", " + where);
    }
  }

  /**
   * A connection as policies see it.
   *
   * @param answer what the policies say
   * @param seen what each switch on the way would do; none if no switch is on it
   */
  record Way(End from, End to, Answer answer, List<Seen> seen) {
    Way {
      seen = List.copyOf(seen);
    }

    boolean disagrees() {
      return seen.stream().anyMatch(Seen::disagrees);
    }

    /** Whether the switches were asked, and do what the policies say. */
    boolean confirmed() {
      return !seen.isEmpty() && seen.stream().allMatch(Seen::agrees);
    }

    boolean wouldBeDenied() {
      return answer.allowed() && answer.judgements().anyMatch(j -> j.wouldBeDenied());
    }
  }

  /** No way leads on, and not for a policy's sake. */
  record Failure(String why, List<Seen> seen) {
    Failure {
      seen = List.copyOf(seen);
    }
  }

  /**
   * What a switch would do.
   *
   * @param does in words
   * @param expected what the policies want it to do; empty if that is what it does, or if nothing
   *     can be said
   * @param asked whether it told; if not, {@code does} says why
   */
  record Seen(String node, String does, Optional<String> expected, boolean asked) {
    static Seen unasked(String node, String why) {
      return new Seen(node, why, Optional.empty(), false);
    }

    boolean disagrees() {
      return expected.isPresent();
    }

    boolean agrees() {
      return asked && expected.isEmpty();
    }
  }

  /** What comes out of it. */
  enum Verdict {
    ALLOWED("ALLOWED"),
    DENIED("DENIED"),
    PARTLY("ALLOWED IN PART"),
    NO_ENDPOINT("NO ENDPOINT");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  Verdict verdict() {
    long good = ways.stream().filter(way -> way.answer().allowed()).count();
    if (ways.isEmpty()) {
      return Verdict.NO_ENDPOINT;
    }
    if (good == ways.size() && failures.isEmpty()) {
      return Verdict.ALLOWED;
    }
    return good == 0 ? Verdict.DENIED : Verdict.PARTLY;
  }

  boolean wouldBeDenied() {
    return ways.stream().anyMatch(Way::wouldBeDenied);
  }

  boolean disagrees() {
    return ways.stream().anyMatch(Way::disagrees)
        || failures.stream().flatMap(f -> f.seen().stream()).anyMatch(Seen::disagrees);
  }
}
