package io.seine.agent;

import io.seine.openflow.Change;
import io.seine.openflow.Flow;
import io.seine.openflow.Group;
import io.seine.openflow.InstalledFlow;
import io.seine.openflow.Switch;
import io.seine.openflow.SwitchException;
import io.seine.pipeline.GroupIds;
import io.seine.pipeline.Owner;
import io.seine.pipeline.ServiceCompiler;
import io.seine.pipeline.ServiceFact;
import io.seine.pipeline.Table;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Ends session affinity of more than 65 535 s, which no flow's timeout can say: from time to time
 * it removes what {@link LongAffinity} says has not been used for so long. Affinity of up to that
 * the switch ends itself.
 *
 * <p>Other threads {@link #put} services; one thread sweeps.
 */
final class AffinitySweep {
  private static final int MOST_BY_TIMEOUT = 65_535;

  private final GroupIds groupIds;
  private final LongAffinity decision;
  private final ConcurrentMap<Owner, ServiceFact> services = new ConcurrentHashMap<>();

  /** The groups of a service, which do not change while its fact is the same. */
  private record Groups(ServiceFact fact, Set<Integer> ids) {}

  // Used by the sweeping thread only.
  private final Map<Owner, Groups> groups = new HashMap<>();

  /**
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  AffinitySweep(GroupIds groupIds, LongSupplier nanoTime) {
    this.groupIds = groupIds;
    this.decision = new LongAffinity(nanoTime);
  }

  /** A service is now so, or is not served any more. */
  void put(Owner owner, Optional<ServiceFact> fact) {
    fact.filter(f -> seconds(f) > MOST_BY_TIMEOUT)
        .ifPresentOrElse(f -> services.put(owner, f), () -> services.remove(owner));
  }

  /** All ports of a service have the same. */
  private static int seconds(ServiceFact fact) {
    return fact.ports().stream().mapToInt(p -> p.affinitySeconds().orElse(0)).max().orElse(0);
  }

  /**
   * Removes what is over. To be called only while the switch is as wanted, so that the groups have
   * their ids.
   *
   * @return how many clients were forgotten
   */
  int sweep(Switch on) throws SwitchException {
    groups.keySet().retainAll(services.keySet());
    if (services.isEmpty()) {
      decision.forget();
      return 0;
    }
    Map<Integer, Duration> timeouts = new HashMap<>();
    services.forEach((owner, fact) -> {
      Duration timeout = Duration.ofSeconds(seconds(fact));
      groupsOf(owner, fact).forEach(id -> timeouts.put(id, timeout));
    });
    List<InstalledFlow> learned = on.dumpFlows(Table.AFFINITY.number());
    List<Flow.Key> over = decision.over(learned, timeouts);
    if (!over.isEmpty()) {
      on.commit(over.stream().<Change>map(Change.DeleteFlow::new).toList());
    }
    return over.size();
  }

  private Set<Integer> groupsOf(Owner owner, ServiceFact fact) {
    Groups known =
        groups.compute(
            owner,
            (_, before) ->
                before != null && before.fact().equals(fact)
                    ? before
                    : new Groups(
                        fact,
                        ServiceCompiler.compile(fact, groupIds).groups().stream()
                            .map(Group::id)
                            .collect(Collectors.toSet())));
    return known.ids();
  }
}
