package io.seine.agent.kube;

import java.util.List;
import java.util.Map;

/**
 * A label selector as an object has it (meta/v1, LabelSelector): all of it must hold. Nothing is
 * validated here.
 */
public record Selector(Map<String, String> labels, List<Requirement> requirements) {
  /** Selects everything. */
  public static final Selector ALL = new Selector(Map.of(), List.of());

  public Selector {
    labels = Map.copyOf(labels);
    requirements = List.copyOf(requirements);
  }

  /** {@code matchLabels} only. */
  public static Selector of(Map<String, String> labels) {
    return new Selector(labels, List.of());
  }

  /**
   * One of {@code matchExpressions}.
   *
   * @param operator In, NotIn, Exists or DoesNotExist, if the object is valid
   */
  public record Requirement(String key, String operator, List<String> values) {
    public Requirement {
      values = List.copyOf(values);
    }
  }
}
