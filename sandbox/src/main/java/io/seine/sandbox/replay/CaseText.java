package io.seine.sandbox.replay;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Writes a case as a file that {@link CaseFile} reads. */
public final class CaseText {
  private CaseText() {}

  public static String write(Case written) {
    StringBuilder text = new StringBuilder();
    text.append("case: ").append(quoted(written.name())).append("\n");
    text.append("about: ").append(quoted(written.about())).append("\n");
    text.append("reference: ").append(quoted(written.reference())).append("\n");
    if (written.isolateNamespaces()) {
      text.append("isolateNamespaces: true\n");
    }
    text.append("families: ").append(written.families()).append("\n");
    Scene start = written.start();
    mapping(text, "nodes", start.nodes(), PodSpec::labels, "");
    mapping(text, "namespaces", start.namespaces(), PodSpec::labels, "");
    mapping(text, "pods", start.pods(), PodSpec::text, "");
    mapping(text, "services", start.services(), ServiceSpec::text, "");
    mapping(text, "outside", written.outside(), List::toString, "");
    text.append("steps:\n");
    for (Step step : written.steps()) {
      text.append("  - say: ").append(quoted(step.say())).append("\n");
      changes(text, step.changes());
      text.append("    expect: |\n")
          .append(indented(TableText.print(step.probes(), written.families()), "      "));
    }
    return text.toString();
  }

  private static <K, V> void mapping(
      StringBuilder text, String key, Map<K, V> map, Function<V, String> value, String indent) {
    if (!map.isEmpty()) {
      text.append(indent).append(key).append(":\n");
      map.forEach((k, v) -> text.append("%s  %s: %s%n".formatted(indent, k, value.apply(v))));
    }
  }

  private static void changes(StringBuilder text, List<Change> changes) {
    section(text, changes, "delete", Change.Delete.class, d -> "- " + d.kind() + " " + d.key());
    section(
        text,
        changes,
        "namespaces",
        Change.AddNamespace.class,
        n -> n.name() + ": " + PodSpec.labels(n.labels()));
    section(text, changes, "pods", Change.AddPod.class, p -> p.pod().key() + ": " + p.pod().text());
    section(
        text,
        changes,
        "services",
        Change.AddService.class,
        s -> s.service().key() + ": " + s.service().text());
    section(text, changes, "labels", Change.Labels.class, CaseText::labels);
    section(
        text,
        changes,
        "domains",
        Change.Resolve.class,
        r -> "%s: %s".formatted(r.domain(), r.actors()));
    section(
        text,
        changes,
        "apply",
        Change.Apply.class,
        a ->
            indented(Yaml.dump(a.manifest().body()), "  ").replaceFirst("^ ", "-").stripTrailing());
  }

  private static <C extends Change> void section(
      StringBuilder text,
      List<Change> changes,
      String key,
      Class<C> kind,
      Function<C, String> line) {
    List<C> these = changes.stream().filter(kind::isInstance).map(kind::cast).toList();
    if (!these.isEmpty()) {
      text.append("    ").append(key).append(":\n");
      these.forEach(change -> text.append(indented(line.apply(change), "      ")));
    }
  }

  private static String labels(Change.Labels change) {
    return "%s %s: %s"
        .formatted(
            change.kind(),
            change.key(),
            change.labels().entrySet().stream()
                .map(e -> e.getKey() + ": " + e.getValue().map(v -> "'" + v + "'").orElse("null"))
                .toList()
                .toString()
                .replace("[", "{")
                .replace("]", "}"));
  }

  private static String indented(String text, String by) {
    StringBuilder lines = new StringBuilder();
    text.lines().forEach(line -> lines.append(line.isEmpty() ? "" : by + line).append("\n"));
    return lines.toString();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ") + '"';
  }

  /** A name for the case's file: {@code a-policy-without-rules.yaml}. */
  public static String fileName(Case written) {
    return written.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + ".yaml";
  }
}
