package io.seine.agent.dns;

import io.seine.agent.dns.LearnedNames.Learned;
import io.seine.agent.policy.DomainPattern;
import io.seine.agent.policy.Resolved;
import io.seine.agent.sweep.UdpSweep;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import io.seine.pipeline.policy.PolicyRef;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what answers say of names that policies speak of: in the file first, then with whom makes
 * flows of it. Safe for any thread; all that is kept is behind one lock.
 */
public final class DnsLearning {
  private static final Logger LOG = LoggerFactory.getLogger(DnsLearning.class);
  private static final Duration LONGEST = Duration.ofDays(1);

  /** How often it is looked for connections that have ended. */
  private static final Duration LOOK = Duration.ofSeconds(10);

  /** How often times that were extended are written down. */
  private static final Duration WRITE = Duration.ofMinutes(1);

  /** Who uses what is learned; any thread calls. */
  public interface Facts {
    /** The domain names that policies speak of, and which policies. */
    Map<DomainPattern, Set<PolicyRef>> domains();

    /** A name has these addresses now; completed with the owners of the flows of it. */
    CompletableFuture<Set<Owner>> resolve(Map<String, Resolved> now);

    /** Says something of a policy on its object. */
    void warn(PolicyRef policy, String reason, String message);
  }

  /** How many names and addresses are known. */
  public record Size(int names, int addresses) {}

  private final Facts facts;
  private final LearnedFile file;
  private final OpenConnections connections;
  private final InstantSource clock;
  private final LearnedNames names;
  private final Map<String, CompletableFuture<Set<Owner>>> wished = new HashMap<>();
  private final Set<DomainPattern> full = new HashSet<>();
  private Instant nextLook = Instant.EPOCH;
  private Instant nextWrite = Instant.EPOCH;
  private boolean extended;
  private boolean unwritten;

  /** Whether this run has written the file: what it found may end in half a line, or be spoilt. */
  private boolean ours;

  /**
   * @param file where what is learned is kept, see {@link LearnedFile}
   * @param tracked the connections that there are
   * @param shortest for which an address is kept, whatever DNS says
   */
  public DnsLearning(
      Facts facts,
      Path file,
      UdpSweep.Connections tracked,
      Duration shortest,
      InstantSource clock) {
    this.facts = facts;
    this.file = new LearnedFile(file);
    this.connections = new OpenConnections(tracked);
    this.clock = clock;
    this.names = new LearnedNames(shortest, LONGEST, clock);
  }

  /**
   * Takes over what an earlier run has learned. It may not have written yet that a time was
   * extended, so that nothing is over before it could have.
   */
  public synchronized void start() {
    try {
      List<Learned> learned = file.read();
      Instant soonest = clock.instant().plus(WRITE);
      names.restore(
          learned.stream().map(one -> one.lasting() ? one : one.atLeast(soonest)).toList());
      if (!learned.isEmpty()) {
        wish(LearnedFile.byName(learned));
        LOG.info("taken over of domain names: addresses={}", learned.size());
      }
    } catch (IOException e) {
      LOG.warn("what was learned of domain names cannot be read; pods have to ask again", e);
    }
  }

  /**
   * Learns from an answer.
   *
   * @return when what it says has been wished for, the owners whose flows that takes; empty if no
   *     policy speaks of the name, or it has no address
   */
  Optional<CompletableFuture<Set<Owner>>> learn(DnsAnswer answer) {
    Map<DomainPattern, Set<PolicyRef>> domains = facts.domains();
    List<DomainPattern> meant =
        domains.keySet().stream().filter(pattern -> pattern.matches(answer.name())).toList();
    if (meant.isEmpty() || answer.addresses().isEmpty()) {
      return Optional.empty();
    }
    CompletableFuture<Set<Owner>> latest;
    Set<DomainPattern> overfull = new HashSet<>();
    synchronized (this) {
      LearnedNames.Lesson lesson = names.learn(answer);
      extended = true;
      Map<String, Resolved> changed = new HashMap<>(lesson.others());
      lesson.now().ifPresent(now -> changed.put(answer.name(), now));
      if (!changed.isEmpty()) {
        write(lesson.others().isEmpty() && !lesson.full(), answer);
        wish(changed);
      }
      if (lesson.full()) {
        meant.stream().filter(full::add).forEach(overfull::add);
      }
      latest = wished.getOrDefault(answer.name(), CompletableFuture.completedFuture(Set.of()));
    }
    overfull.forEach(pattern ->
        domains
            .getOrDefault(pattern, Set.of())
            .forEach(policy ->
                facts.warn(
                    policy,
                    "TooManyAddresses",
                    "DNS gives more than %d addresses for a name that '%s' means, or %d of all names; those asked for longest ago are forgotten"
                        .formatted(LearnedNames.MOST_OF_ONE, pattern, LearnedNames.MOST))));
    return Optional.of(latest);
  }

  private void wish(Map<String, Resolved> changed) {
    CompletableFuture<Set<Owner>> outcome = facts.resolve(changed);
    changed.forEach((name, now) -> {
      if (now.equals(Resolved.NONE)) {
        wished.remove(name);
      } else {
        wished.put(name, outcome);
      }
    });
  }

  private void write(boolean onlyMore, DnsAnswer answer) {
    Collection<Learned> all = names.all();
    try {
      if (onlyMore && ours && !unwritten) {
        Set<Ip> answered = answer.addresses().keySet();
        file.add(
            all.stream()
                .filter(l -> l.name().equals(answer.name()) && answered.contains(l.address()))
                .toList());
      } else {
        file.replace(all);
        ours = true;
      }
      unwritten = false;
    } catch (IOException e) {
      if (!unwritten) {
        LOG.warn(
            "what is learned of domain names cannot be written; a restart of the agent forgets it",
            e);
      }
      unwritten = true;
    }
  }

  /** Ends what is over; to be called about every second. */
  public synchronized void tick() {
    Instant now = clock.instant();
    Map<String, Resolved> changed = new HashMap<>(names.expire());
    if (!now.isBefore(nextLook)) {
      nextLook = now.plus(LOOK);
      changed.putAll(ended());
    }
    if (!changed.isEmpty() || unwritten || (extended && !now.isBefore(nextWrite))) {
      nextWrite = now.plus(WRITE);
      extended = false;
      write(false, new DnsAnswer("", Map.of()));
    }
    if (!changed.isEmpty()) {
      wish(changed);
    }
  }

  private Map<String, Resolved> ended() {
    Set<Ip> lasting = names.lasting();
    if (lasting.isEmpty()) {
      return Map.of();
    }
    try {
      return names.forgetAllBut(connections.among(lasting));
    } catch (IOException e) {
      LOG.warn("addresses of domain names are kept, since connections cannot be read", e);
      return Map.of();
    }
  }

  public synchronized Size size() {
    return new Size(names.names(), names.addresses());
  }
}
