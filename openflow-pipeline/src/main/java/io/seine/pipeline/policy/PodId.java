package io.seine.pipeline.policy;

import java.util.Comparator;

/** Names a pod. */
public record PodId(String namespace, String name) implements Comparable<PodId> {
  private static final Comparator<PodId> ORDER =
      Comparator.comparing(PodId::namespace).thenComparing(PodId::name);

  @Override
  public int compareTo(PodId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
