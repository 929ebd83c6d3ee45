package io.seine.agent.verdict;

import io.seine.agent.kube.Selector;
import io.seine.agent.kube.Selector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Label selectors (API reference, LabelSelector): every pair of matchLabels and every one of
 * matchExpressions must hold; an empty selector selects everything. One that the API would refuse
 * selects nothing.
 */
final class Labels {
  private Labels() {}

  static boolean match(Selector selector, Map<String, String> labels) {
    for (Map.Entry<String, String> wanted : selector.labels().entrySet()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    for (Requirement requirement : selector.requirements()) {
      if (!holds(requirement, labels)) {
        return false;
      }
    }
    return true;
  }

  /** NotIn holds for what has no such label, too (API reference, "In", "NotIn"). */
  private static boolean holds(Requirement requirement, Map<String, String> labels) {
    String key = requirement.key();
    boolean listed = requirement.operator().endsWith("In");
    if (key.isEmpty() || listed == requirement.values().isEmpty()) {
      return false;
    }
    return switch (requirement.operator()) {
      case "In" -> labels.containsKey(key) && requirement.values().contains(labels.get(key));
      case "NotIn" -> !labels.containsKey(key) || !requirement.values().contains(labels.get(key));
      case "Exists" -> labels.containsKey(key);
      case "DoesNotExist" -> !labels.containsKey(key);
      default -> false;
    };
  }

  /** As kubectl has it on its command line: {@code app=web,tier in (a,b),!old}. */
  static String words(Selector selector) {
    List<String> words = new ArrayList<>();
    new TreeMap<>(selector.labels()).forEach((key, value) -> words.add(key + "=" + value));
    for (Requirement r : selector.requirements()) {
      String values = "(" + String.join(",", r.values()) + ")";
      words.add(
          switch (r.operator()) {
            case "In" -> r.key() + " in " + values;
            case "NotIn" -> r.key() + " notin " + values;
            case "Exists" -> r.key();
            case "DoesNotExist" -> "!" + r.key();
            default -> r.key() + " " + r.operator() + " " + values;
          });
    }
    return String.join(",", words);
  }
}
