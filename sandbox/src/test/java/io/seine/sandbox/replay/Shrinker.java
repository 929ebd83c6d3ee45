package io.seine.sandbox.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seine.openflow.Family;
import io.seine.openflow.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Takes away from a case that fails whatever can go without it failing no more, until nothing can.
 */
final class Shrinker {
  private static final int MOST_TRIES = 4_000;

  private final Predicate<Case> fails;
  private int tries;

  /**
   * @param fails whether a case that makes sense fails; what it expects is worked out before
   */
  Shrinker(Predicate<Case> fails) {
    this.fails = fails;
  }

  Case shrink(Case failing) {
    Case smallest = failing;
    boolean smaller = true;
    while (smaller && tries < MOST_TRIES) {
      Case before = smallest;
      Optional<Case> next = candidates(before).filter(this::stillFails).findFirst();
      smaller = next.isPresent();
      smallest = next.orElse(before);
    }
    return smallest;
  }

  private boolean stillFails(Case candidate) {
    return ++tries < MOST_TRIES && fails.test(candidate);
  }

  /** The most is taken away first. */
  private static Stream<Case> candidates(Case from) {
    return Stream.of(
            withoutSteps(from),
            withoutProbes(from),
            withoutChanges(from),
            simplerStart(from),
            simplerPolicies(from),
            simplerRest(from))
        .flatMap(candidates -> candidates);
  }

  private static Stream<Case> built(Case from, Scene start, List<Step> steps) {
    try {
      return Stream.of(Edits.rebuild(from, start, steps));
    } catch (CaseException e) {
      // What is left refers to what is gone.
      return Stream.empty();
    }
  }

  /** A step goes, with its changes or without. */
  private static Stream<Case> withoutSteps(Case from) {
    return indices(from.steps())
        .flatMap(i -> {
          List<Step> less = new ArrayList<>(from.steps());
          Step gone = less.remove((int) i);
          List<Step> merged = new ArrayList<>(less);
          if (i < less.size()) {
            List<Change> both = new ArrayList<>(gone.changes());
            both.addAll(less.get(i).changes());
            merged.set(
                i, new Step("", Edits.inOrderOfFiles(both), Scene.EMPTY, less.get(i).probes()));
          }
          return Stream.concat(
              built(from, from.start(), less),
              i < less.size() ? built(from, from.start(), merged) : Stream.empty());
        });
  }

  /** One probe alone; all of a step's. */
  private static Stream<Case> withoutProbes(Case from) {
    long count = from.steps().stream().mapToLong(s -> s.probes().size()).sum();
    if (count <= 1) {
      return Stream.empty();
    }
    return indices(from.steps())
        .flatMap(i ->
            from.steps().get(i).probes().stream()
                .map(probe -> {
                  List<Step> steps = new ArrayList<>();
                  for (int j = 0; j < from.steps().size(); j++) {
                    steps.add(from.steps().get(j).expecting(j == i ? List.of(probe) : List.of()));
                  }
                  return from.withSteps(steps);
                }));
  }

  private static Stream<Case> withoutChanges(Case from) {
    return indices(from.steps())
        .flatMap(i ->
            indices(from.steps().get(i).changes())
                .flatMap(j -> {
                  List<Change> less = new ArrayList<>(from.steps().get(i).changes());
                  less.remove((int) j);
                  return built(from, from.start(), with(from, i, less));
                }));
  }

  private static List<Step> with(Case from, int step, List<Change> changes) {
    List<Step> steps = new ArrayList<>(from.steps());
    steps.set(step, new Step("", changes, Scene.EMPTY, from.steps().get(step).probes()));
    return steps;
  }

  private static Stream<Case> simplerStart(Case from) {
    Scene s = from.start();
    Stream<Scene> pods =
        s.pods().keySet().stream()
            .map(key ->
                new Scene(
                    s.nodes(),
                    s.namespaces(),
                    less(s.pods(), key),
                    s.services(),
                    s.policies(),
                    s.domains()));
    Stream<Scene> namespaces =
        s.namespaces().keySet().stream()
            .filter(name -> s.pods().keySet().stream().noneMatch(k -> k.namespace().equals(name)))
            .map(name ->
                new Scene(
                    s.nodes(),
                    less(s.namespaces(), name),
                    s.pods(),
                    s.services(),
                    s.policies(),
                    s.domains()));
    Stream<Scene> namespaceLabels =
        s.namespaces().entrySet().stream()
            .flatMap(n ->
                n.getValue().keySet().stream()
                    .map(key ->
                        new Scene(
                            s.nodes(),
                            changed(s.namespaces(), n.getKey(), less(n.getValue(), key)),
                            s.pods(),
                            s.services(),
                            s.policies(),
                            s.domains())));
    Stream<Scene> simplerPods =
        s.pods().values().stream()
            .flatMap(pod ->
                simpler(pod)
                    .map(p ->
                        new Scene(
                            s.nodes(),
                            s.namespaces(),
                            changed(s.pods(), p.key(), p),
                            s.services(),
                            s.policies(),
                            s.domains())));
    Stream<Scene> nodeLabels =
        s.nodes().entrySet().stream()
            .filter(n -> !n.getValue().isEmpty())
            .map(n ->
                new Scene(
                    changed(s.nodes(), n.getKey(), Map.of()),
                    s.namespaces(),
                    s.pods(),
                    s.services(),
                    s.policies(),
                    s.domains()));
    return Stream.of(pods, namespaces, namespaceLabels, simplerPods, nodeLabels)
        .flatMap(scenes -> scenes)
        .flatMap(scene -> built(from, scene, from.steps()));
  }

  private static Stream<PodSpec> simpler(PodSpec pod) {
    Stream<PodSpec> labels =
        pod.labels().keySet().stream().map(key -> pod.withLabels(less(pod.labels(), key)));
    Stream<PodSpec> ports =
        pod.ports().isEmpty()
            ? Stream.empty()
            : Stream.of(
                new PodSpec(pod.key(), pod.node(), pod.labels(), List.of(), pod.hostNetwork()));
    Stream<PodSpec> network =
        pod.hostNetwork()
            ? Stream.of(new PodSpec(pod.key(), pod.node(), pod.labels(), pod.ports(), false))
            : Stream.empty();
    return Stream.of(labels, ports, network).flatMap(pods -> pods);
  }

  /** Any member of any object of a manifest, or element of a list, is left out. */
  private static Stream<Case> simplerPolicies(Case from) {
    return indices(from.steps())
        .flatMap(i ->
            indices(from.steps().get(i).changes())
                .flatMap(j -> {
                  List<Change> changes = from.steps().get(i).changes();
                  if (!(changes.get(j) instanceof Change.Apply(var manifest))) {
                    return Stream.empty();
                  }
                  return simpler(manifest)
                      .flatMap(m -> {
                        List<Change> others = new ArrayList<>(changes);
                        others.set(j, new Change.Apply(m));
                        return built(from, from.start(), with(from, i, others));
                      });
                }));
  }

  private static Stream<Manifest> simpler(Manifest manifest) {
    List<ObjectNode> bodies = new ArrayList<>();
    cut(manifest.body().path("spec"), manifest.body(), bodies);
    cut(manifest.body().path("metadata").path("annotations"), manifest.body(), bodies);
    if (manifest.body().path("metadata").has("annotations")) {
      ObjectNode copy = manifest.body().deepCopy();
      ((ObjectNode) copy.get("metadata")).remove("annotations");
      bodies.add(copy);
    }
    return bodies.stream().map(body -> new Manifest(manifest.kind(), manifest.key(), body));
  }

  // The tree is cut, copied and mended again, since a copy has no place that is known.
  private static void cut(JsonNode at, ObjectNode root, List<ObjectNode> bodies) {
    switch (at) {
      case ObjectNode object -> {
        for (String name : List.copyOf(object.propertyStream().map(Map.Entry::getKey).toList())) {
          JsonNode value = object.remove(name);
          bodies.add(root.deepCopy());
          object.set(name, value);
          cut(value, root, bodies);
        }
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          JsonNode value = array.remove(i);
          bodies.add(root.deepCopy());
          array.insert(i, value);
          cut(value, root, bodies);
        }
      }
      default -> {
        // A text or a number.
      }
    }
  }

  private static Stream<Case> simplerRest(Case from) {
    List<Case> cases = new ArrayList<>();
    for (Family family : from.families()) {
      if (from.families().size() > 1) {
        cases.add(with(from, from.isolateNamespaces(), List.of(family), from.outside()));
      }
    }
    if (from.isolateNamespaces()) {
      cases.add(with(from, false, from.families(), from.outside()));
    }
    from.outside()
        .keySet()
        .forEach(host ->
            cases.add(
                with(from, from.isolateNamespaces(), from.families(), less(from.outside(), host))));
    return cases.stream();
  }

  private static Case with(
      Case from, boolean isolate, List<Family> families, Map<String, List<Ip>> outside) {
    return new Case(
        from.name(),
        from.about(),
        from.reference(),
        isolate,
        families,
        outside,
        from.start(),
        from.steps());
  }

  private static Stream<Integer> indices(List<?> list) {
    return Stream.iterate(list.size() - 1, i -> i >= 0, i -> i - 1);
  }

  private static <K, V> Map<K, V> less(Map<K, V> map, K key) {
    Map<K, V> less = new LinkedHashMap<>(map);
    less.remove(key);
    return less;
  }

  private static <K, V> Map<K, V> changed(Map<K, V> map, K key, V value) {
    Map<K, V> changed = new LinkedHashMap<>(map);
    changed.put(key, value);
    return changed;
  }
}
