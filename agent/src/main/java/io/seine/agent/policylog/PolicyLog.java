package io.seine.agent.policylog;

import io.seine.agent.packet.TokenBucket;
import io.seine.openflow.Ip;
import io.seine.pipeline.policy.PolicyPacketIn;
import io.seine.pipeline.policy.RuleRef;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.LoggerFactory;

/**
 * Writes a line for each connection that a policy with logging decides, as the switch tells of
 * them, and not more than so many in a second. Lines that were left out are counted, and the next
 * line says how many there were. Whatever a packet holds, nothing is thrown. Safe for any thread.
 *
 * <pre>
 *   connection denied: direction=ingress policy=networkpolicy/shop/db rule=default
 *       source=shop/web sourceAddress=10.96.0.4 destination=shop/db destinationAddress=10.96.1.7
 *       protocol=TCP sourcePort=40112 port=5432 dryRun=false
 * </pre>
 *
 * <p>What is not known is left out: the pod where the address is no pod's, ports of protocols that
 * have none. The address is the one that policies see: behind a service, the endpoint's.
 */
public final class PolicyLog {
  /** Where the lines go; its level is INFO whatever the agent's is. */
  public static final String LOGGER = "io.seine.policy";

  /** Names for numbers and addresses; any thread may ask. */
  public interface Names {
    /** The rule with this number; empty if it is gone. */
    Optional<RuleRef> rule(int id);

    /** Whose address it is, as {@code namespace/pod}; empty if no pod's. */
    Optional<String> pod(Ip address);
  }

  /** How many lines were written, and left out for the rate's sake. */
  public record Counts(long written, long suppressed) {}

  private final Names names;
  private final TokenBucket bucket;
  private final Consumer<String> lines;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();
  private final AtomicLong unsaid = new AtomicLong();

  /**
   * @param perSecond lines in a second at most; 0 for none
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  public PolicyLog(Names names, int perSecond, LongSupplier nanoTime) {
    this(names, perSecond, nanoTime, LoggerFactory.getLogger(LOGGER)::info);
  }

  PolicyLog(Names names, int perSecond, LongSupplier nanoTime, Consumer<String> lines) {
    this.names = names;
    this.bucket = new TokenBucket(perSecond, nanoTime);
    this.lines = lines;
  }

  /**
   * A connection was decided.
   *
   * @param frame its packet from the Ethernet header on; it may be cut off
   */
  public void decided(PolicyPacketIn what, byte[] frame) {
    if (!bucket.take()) {
      suppressed.incrementAndGet();
      unsaid.incrementAndGet();
      return;
    }
    written.incrementAndGet();
    long before = unsaid.getAndSet(0);
    lines.accept(line(what, frame) + (before == 0 ? "" : " suppressedBefore=" + before));
  }

  /** Says how many lines were left out, if no line has said so since; to be called now and then. */
  public void report() {
    long count = unsaid.getAndSet(0);
    if (count > 0) {
      lines.accept("connections not logged, to keep to the rate: suppressed=" + count);
    }
  }

  private String line(PolicyPacketIn what, byte[] frame) {
    StringBuilder line = new StringBuilder("connection ");
    line.append(
        switch (what.verdict()) {
          case ACCEPT -> "allowed";
          case DENY -> "denied";
          case PASS -> "passed";
        });
    line.append(": direction=").append(what.direction().name().toLowerCase(Locale.ROOT));
    Optional<RuleRef> rule = names.rule(what.ruleId());
    if (rule.isPresent()) {
      RuleRef ref = rule.get();
      add(line, "policy", ref.policy().toString());
      add(line, "rule", ref.index() == RuleRef.DEFAULT ? "default" : String.valueOf(ref.index()));
      if (!ref.name().isEmpty()) {
        add(line, "ruleName", ref.name());
      }
    } else {
      add(line, "ruleId", Integer.toUnsignedString(what.ruleId()));
    }
    Conversation.of(frame).ifPresent(conversation -> add(line, conversation));
    add(line, "dryRun", String.valueOf(what.dryRun()));
    return line.toString();
  }

  private void add(StringBuilder line, Conversation conversation) {
    names.pod(conversation.source()).ifPresent(pod -> add(line, "source", pod));
    add(line, "sourceAddress", conversation.source().toString());
    names.pod(conversation.destination()).ifPresent(pod -> add(line, "destination", pod));
    add(line, "destinationAddress", conversation.destination().toString());
    add(line, "protocol", conversation.protocol());
    add(line, "sourcePort", conversation.sourcePort());
    add(line, "port", conversation.port());
  }

  private static void add(StringBuilder line, String key, OptionalInt value) {
    value.ifPresent(v -> add(line, key, String.valueOf(v)));
  }

  /** Names in the API have no spaces, but rules' names may. */
  private static void add(StringBuilder line, String key, String value) {
    line.append(' ').append(key).append('=');
    if (value.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"')) {
      line.append(value);
    } else {
      line.append('"').append(value.replaceAll("[\\p{Cntrl}\"]", "?")).append('"');
    }
  }

  public Counts counts() {
    return new Counts(written.get(), suppressed.get());
  }
}
