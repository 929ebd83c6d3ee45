package io.seine.agent.service;

import io.seine.agent.kube.SliceInfo.Condition;
import io.seine.agent.kube.SliceInfo.Hints;
import io.seine.pipeline.ServiceFact.Endpoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which of a service port's endpoints new connections go to, as kube-proxy chooses them ({@code
 * pkg/proxy/topology.go}, {@code CategorizeEndpoints}; KEP-1669 for those that terminate, KEP-2433
 * and KEP-3015 for hints):
 *
 * <ul>
 *   <li>For the whole cluster: those that are ready and meant for this node. Where every ready
 *       endpoint says for which nodes it is, and one is for this node, those that are; else, where
 *       every one says for which zones it is, and one is for this node's zone, those that are; else
 *       all. With {@code trafficDistribution: PreferSameNode} the controller writes both kinds, so
 *       that a node without an endpoint falls back to its zone; with PreferSameZone (PreferClose)
 *       the zones only.
 *   <li>For this node: those of this node that are ready, whatever the hints say.
 *   <li>Where none is ready, in each of the two cases for itself: those that serve and terminate.
 * </ul>
 *
 * @param cluster sorted; empty if no endpoint of the port is usable anywhere
 * @param local sorted; may hold some that {@code cluster} does not
 */
record EndpointChoice(List<Endpoint> cluster, List<Endpoint> local) {
  /**
   * A backend as a slice gives it.
   *
   * @param local whether it is on this node
   */
  record Candidate(Endpoint endpoint, boolean local, Condition condition, Hints hints) {}

  /** While an endpoint moves from one slice to another, both have it, and one may be old. */
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.<Candidate, Boolean>comparing(c -> !c.local()).thenComparing(Candidate::condition);

  /**
   * @param candidates of all slices; one that is given more than once counts once, as local and
   *     usable as any of them says
   * @param zone of this node; may be empty
   */
  static EndpointChoice of(List<Candidate> candidates, String node, String zone) {
    Map<Endpoint, Candidate> each = new TreeMap<>();
    candidates.forEach(
        c -> each.merge(c.endpoint(), c, (a, b) -> BEST_FIRST.compare(a, b) <= 0 ? a : b));
    List<Candidate> ready = having(each.values(), Condition.READY);
    List<Candidate> draining = having(each.values(), Condition.DRAINING);
    List<Candidate> cluster = ready.isEmpty() ? draining : meantFor(ready, node, zone);
    List<Candidate> local = ready.stream().filter(Candidate::local).toList();
    if (local.isEmpty()) {
      local = draining.stream().filter(Candidate::local).toList();
    }
    return new EndpointChoice(endpoints(cluster), endpoints(local));
  }

  private static List<Candidate> having(Iterable<Candidate> candidates, Condition condition) {
    List<Candidate> found = new ArrayList<>();
    for (Candidate candidate : candidates) {
      if (candidate.condition() == condition) {
        found.add(candidate);
      }
    }
    return found;
  }

  private static List<Candidate> meantFor(List<Candidate> ready, String node, String zone) {
    if (ready.stream().noneMatch(c -> c.hints().nodes().isEmpty())) {
      List<Candidate> same = where(ready, c -> c.hints().nodes().contains(node));
      if (!same.isEmpty()) {
        return same;
      }
    }
    if (ready.stream().noneMatch(c -> c.hints().zones().isEmpty())) {
      List<Candidate> same = where(ready, c -> c.hints().zones().contains(zone));
      if (!same.isEmpty()) {
        return same;
      }
    }
    return ready;
  }

  private static List<Candidate> where(List<Candidate> all, Predicate<Candidate> condition) {
    return all.stream().filter(condition).toList();
  }

  private static List<Endpoint> endpoints(List<Candidate> candidates) {
    return candidates.stream().map(Candidate::endpoint).toList();
  }
}
