package io.seine.agent.host;

import com.fasterxml.jackson.databind.JsonNode;
import io.seine.agent.netlink.Netfilter;
import io.seine.agent.netlink.Netfilter.Destination;
import io.seine.agent.netlink.NetlinkException;
import io.seine.openflow.Ip;
import io.seine.pipeline.Owner;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the packet filter's table for services as it is wanted.
 *
 * <p>A change costs one transaction of the elements that changed, however many there are besides.
 * The whole table is compared when the kernel's rules have changed by another hand, see {@link
 * Netfilter#generation}, and once a period; what differs is repaired, and a table that is gone is
 * made anew. What an earlier run left is taken over as it is.
 *
 * <p>One thread talks to the kernel and owns what it is known to have.
 */
public final class ServiceDiversions implements Diversions, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceDiversions.class);
  private static final Duration RETRY = Duration.ofSeconds(1);

  /** More than that are not kept for another attempt; what they were for has timed out by then. */
  private static final int MOST_STALE = 10_000;

  /** Is told what came of each attempt, on the owner thread; must not block nor throw. */
  public interface Listener {
    /** Whom nothing interests. */
    Listener NONE =
        new Listener() {
          @Override
          public void applied() {}

          @Override
          public void repaired(String what) {}

          @Override
          public void failed(String problem) {}
        };

    /** All is as wanted. */
    void applied();

    /** Someone else had changed the table, and it was put right. */
    void repaired(String what);

    /** It could not be made as wanted; it will be tried again. */
    void failed(String problem);
  }

  /**
   * @param look how often to ask whether the kernel's rules have changed
   * @param audit how often to compare all of the table even if they have not
   */
  public record Periods(Duration look, Duration audit) {
    public static final Periods DEFAULT = new Periods(Duration.ofSeconds(5), Duration.ofMinutes(5));
  }

  private final Nft nft;
  private final Netfilter netfilter;
  private final DiversionRules rules;
  private final Periods periods;
  private final Listener listener;
  private final WantedElements wanted = new WantedElements();
  private final Thread owner;

  // Used by the owner thread only, once it runs.
  private Map<ElementKey, Element> actual = new HashMap<>();
  private Optional<List<JsonNode>> ourRules = Optional.empty();
  private boolean sure;
  private long seen;
  private long auditAt;
  private final Set<Destination> stale = new LinkedHashSet<>();

  private volatile int size;

  /** Does nothing before {@link #start}. */
  public ServiceDiversions(
      Nft nft, Netfilter netfilter, String gatewayPort, Periods periods, Listener listener) {
    this.nft = nft;
    this.netfilter = netfilter;
    this.rules = new DiversionRules(gatewayPort);
    this.periods = periods;
    this.listener = listener;
    this.owner = Thread.ofVirtual().name("diversions").unstarted(this::run);
  }

  /**
   * Reads what an earlier run left, and starts the thread.
   *
   * @return the stand-ins in it, external address to stand-in, for {@link StandIns#adopt}
   * @throws IOException if nft is not there
   */
  public Map<Ip, Ip> start() throws IOException, InterruptedException {
    Map<Ip, Ip> standIns = new HashMap<>();
    DiversionTable.read(nft)
        .ifPresent(table ->
            table
                .elements()
                .values()
                .forEach(element -> {
                  if (element instanceof Diversion.External external) {
                    standIns.put(external.address(), external.standIn());
                  }
                }));
    owner.start();
    return standIns;
  }

  @Override
  public void put(Owner who, Set<Diversion> all) {
    wanted.put(who, all);
  }

  @Override
  public void complete() {
    wanted.complete();
  }

  /** Says the node's own addresses, on which node ports are served from now on. */
  public void addresses(Collection<Ip> own) {
    wanted.addresses(own);
  }

  /** How many elements the table has. */
  public int size() {
    return size;
  }

  /** Waits until all that was said before is in the kernel; whether it is, within the time. */
  public boolean awaitApplied(Duration timeout) throws InterruptedException {
    return wanted.awaitDone(timeout);
  }

  /** Ends the thread. The table stays as it is: what it diverts, the switch still serves. */
  @Override
  public void close() {
    owner.interrupt();
    try {
      owner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      Duration pause = Duration.ZERO;
      while (true) {
        WantedElements.Change change = wanted.next(pause);
        pause = step(change) ? periods.look() : RETRY;
      }
    } catch (InterruptedException e) {
      LOG.debug("the diversions are not kept any more");
    }
  }

  private boolean step(WantedElements.Change change) throws InterruptedException {
    try {
      if (!sure || change.audit() || altered()) {
        audit(change);
      } else {
        apply(change.keys());
      }
      boolean forgotten = forgetStale();
      wanted.done(change);
      if (forgotten) {
        listener.applied();
      }
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("service traffic from outside is not diverted as wanted: {}", e.getMessage());
      sure = false;
      listener.failed(String.valueOf(e.getMessage()));
      return false;
    }
  }

  private boolean altered() throws IOException {
    return System.nanoTime() - auditAt >= 0 || netfilter.generation() != seen;
  }

  /** Compares the whole table, what was touched besides, and carries out what differs. */
  private void audit(WantedElements.Change change) throws IOException, InterruptedException {
    boolean wasSure = sure;
    sure = false;
    // Read before the table: what changes after it is seen at the next look.
    seen = netfilter.generation();
    Optional<DiversionTable> found = DiversionTable.read(nft);
    boolean sameRules = found.map(DiversionTable::rules).equals(ourRules) && found.isPresent();
    DiversionTable table = sameRules ? found.orElseThrow() : renew(found);
    actual = new HashMap<>(table.elements());
    ourRules = Optional.of(table.rules());
    Set<ElementKey> keys = new LinkedHashSet<>(change.keys());
    keys.addAll(wanted.all().keySet());
    if (wanted.isComplete()) {
      keys.addAll(actual.keySet());
    }
    int differences = apply(keys);
    size = actual.size();
    auditAt = System.nanoTime() + periods.audit().toNanos();
    sure = true;
    if (wasSure && !sameRules) {
      repaired("the packet filter's rules for service traffic had been altered; made anew");
    } else if (wasSure && differences > 0 && change.keys().isEmpty() && !change.audit()) {
      repaired(differences + " elements of the packet filter's table for services put right");
    }
  }

  /** Puts our rules in the place of what is there; elements that are there stay. */
  private DiversionTable renew(Optional<DiversionTable> found)
      throws IOException, InterruptedException {
    Map<ElementKey, Element> elements = new HashMap<>();
    if (!wanted.isComplete()) {
      found.ifPresent(table -> elements.putAll(table.elements()));
    }
    elements.putAll(wanted.all());
    if (found.isEmpty() || !renewRules()) {
      nft.apply(rules.anew(elements.values()));
      elements.values().forEach(element -> stale.addAll(wanted.udp(element)));
    }
    seen = netfilter.generation();
    return DiversionTable.read(nft)
        .orElseThrow(() -> new IOException("the table for services was gone again at once"));
  }

  /** Whether it could be done: not where a chain or a set is of another kind. */
  private boolean renewRules() throws IOException, InterruptedException {
    return nft.run(rules.rulesAnew(), "-f", "-").exitCode() == 0;
  }

  /** Carries out the difference at these keys; how many there were. */
  private int apply(Collection<ElementKey> keys) throws IOException, InterruptedException {
    List<Element> removed = new ArrayList<>();
    List<Element> added = new ArrayList<>();
    for (ElementKey key : keys) {
      Optional<Element> is = Optional.ofNullable(actual.get(key));
      Optional<Element> ought = wanted.at(key);
      if (!is.equals(ought)) {
        is.ifPresent(removed::add);
        ought.ifPresent(added::add);
      }
    }
    if (!removed.isEmpty() || !added.isEmpty()) {
      nft.apply(rules.change(removed, added));
      // If another program changed rules as well, the generation is further on, and all of the
      // table is compared at the next look.
      seen = (seen + 1) & 0xffffffffL;
      removed.forEach(element -> actual.remove(element.key()));
      added.forEach(element -> actual.put(element.key(), element));
      size = actual.size();
      removed.forEach(element -> stale.addAll(wanted.udp(element)));
      added.forEach(element -> stale.addAll(wanted.udp(element)));
      LOG.info("service traffic from outside: added={} removed={}", added.size(), removed.size());
    }
    return removed.size() + added.size();
  }

  /** Whether it could be done; if not, it is tried again at the next look. */
  private boolean forgetStale() {
    if (stale.isEmpty()) {
      return true;
    }
    try {
      int forgotten = netfilter.forgetUdp(stale);
      stale.clear();
      LOG.debug("tracked UDP connections forgotten: {}", forgotten);
      return true;
    } catch (NetlinkException e) {
      LOG.warn("UDP clients may stay with what served them before: {}", e.getMessage());
      listener.failed(String.valueOf(e.getMessage()));
      if (stale.size() > MOST_STALE) {
        stale.clear();
      }
      return false;
    }
  }

  private void repaired(String what) {
    LOG.warn("{}", what);
    listener.repaired(what);
  }
}
