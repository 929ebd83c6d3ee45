package io.seine.agent.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Finds, for a pod, the things whose selections it is in, without trying all. */
final class Selections<T> {
  private final Map<String, SelectorIndex<T>> named = new HashMap<>();
  private final Map<Match, SelectorIndex<T>> labelled = new HashMap<>();
  private final SelectorIndex<SelectorIndex<T>> byNamespaceLabels = new SelectorIndex<>();

  boolean isEmpty() {
    return named.isEmpty() && labelled.isEmpty();
  }

  void add(Selection selection, T value) {
    SelectorIndex<T> pods =
        switch (selection.scope()) {
          case Scope.Named scope ->
              named.computeIfAbsent(scope.namespace(), n -> new SelectorIndex<>());
          case Scope.Labelled scope -> labelled.computeIfAbsent(scope.namespaces(), this::newGroup);
        };
    pods.add(selection.pods(), value);
  }

  private SelectorIndex<T> newGroup(Match namespaces) {
    SelectorIndex<T> group = new SelectorIndex<>();
    byNamespaceLabels.add(namespaces, group);
    return group;
  }

  void remove(Selection selection, T value) {
    switch (selection.scope()) {
      case Scope.Named scope -> {
        SelectorIndex<T> pods = named.get(scope.namespace());
        if (pods != null) {
          pods.remove(selection.pods(), value);
          if (pods.isEmpty()) {
            named.remove(scope.namespace());
          }
        }
      }
      case Scope.Labelled scope -> {
        SelectorIndex<T> pods = labelled.get(scope.namespaces());
        if (pods != null) {
          pods.remove(selection.pods(), value);
          if (pods.isEmpty()) {
            labelled.remove(scope.namespaces());
            byNamespaceLabels.remove(scope.namespaces(), pods);
          }
        }
      }
    }
  }

  /** What speaks of pods of such a namespace; to be asked for the labels of each. */
  void of(String namespace, Map<String, String> labels, Consumer<SelectorIndex<T>> found) {
    SelectorIndex<T> own = named.get(namespace);
    if (own != null) {
      found.accept(own);
    }
    byNamespaceLabels.matching(labels, found);
  }
}
